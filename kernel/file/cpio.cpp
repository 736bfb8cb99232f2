#include "file/cpio.hpp"

#include "file/inode.hpp"

#include <array>

namespace file {

namespace {

constexpr std::string_view magic = "070701";
constexpr std::string_view magic_with_checksum = "070702";
constexpr std::string_view trailer = "TRAILER!!!";
constexpr std::size_t header_size = 110; // the magic and 13 fields of 8 hexadecimal digits

enum Field : std::size_t {
    field_number,
    field_mode,
    field_user,
    field_group,
    field_links,
    field_modified,
    field_size,
    field_archive_major,
    field_archive_minor,
    field_major,
    field_minor,
    field_name_size,
};

std::optional<std::uint32_t> hexadecimal(std::string_view digits) {
    std::uint32_t value = 0;
    for (char digit : digits) {
        std::uint32_t nibble;
        if (digit >= '0' && digit <= '9')
            nibble = static_cast<std::uint32_t>(digit - '0');
        else if (digit >= 'a' && digit <= 'f')
            nibble = static_cast<std::uint32_t>(digit - 'a' + 10);
        else if (digit >= 'A' && digit <= 'F')
            nibble = static_cast<std::uint32_t>(digit - 'A' + 10);
        else
            return {};
        value = value << 4 | nibble;
    }
    return value;
}

/// The file type in the high bits of the mode field, by the numbers of cpio(5).
std::optional<Type> type_of(std::uint32_t mode) {
    switch (mode & 0170000) {
    case 0100000:
        return Type::regular;
    case 0040000:
        return Type::directory;
    case 0120000:
        return Type::symlink;
    case 0020000:
        return Type::character_device;
    case 0060000:
        return Type::block_device;
    case 0010000:
        return Type::fifo;
    case 0140000:
        return Type::socket;
    default:
        return {};
    }
}

std::string_view strip_start(std::string_view name) {
    for (;;) {
        if (name.starts_with('/'))
            name.remove_prefix(1);
        else if (name.starts_with("./"))
            name.remove_prefix(2);
        else
            return name == "." ? std::string_view() : name;
    }
}

/// No component may climb out of the directory that is unpacked into.
bool is_safe(std::string_view name) {
    while (!name.empty()) {
        std::size_t length = name.find('/');
        std::string_view component = name.substr(0, length);
        if (component == ".." || component.size() > longest_name)
            return false;
        if (length == std::string_view::npos)
            return true;
        name.remove_prefix(length + 1);
    }
    return true;
}

} // namespace

std::unexpected<Error> CpioReader::broken(std::string_view message) {
    message_ = message;
    return fail(Error::bad_executable);
}

void CpioReader::skip_padding() {
    while (at_ < archive_.size() && archive_[at_] == std::byte{0})
        ++at_;
}

Result<CpioReader::Header> CpioReader::read_header() {
    const auto* text = reinterpret_cast<const char*>(archive_.data());
    std::size_t rest = archive_.size() - at_;
    if (rest < header_size)
        return broken("truncated header");
    std::string_view bytes(text + at_, header_size);
    if (!bytes.starts_with(magic) && !bytes.starts_with(magic_with_checksum))
        return broken("no cpio header (magic 070701) here");
    Header header;
    for (std::size_t i = 0; i < field_count; ++i) {
        auto value = hexadecimal(bytes.substr(6 + 8 * i, 8));
        if (!value)
            return broken("a header field is not hexadecimal");
        header.fields[i] = *value;
    }
    std::size_t name_size = header.fields[field_name_size];
    if (name_size == 0 || name_size > longest_path || name_size > rest - header_size)
        return broken("impossible length of a name");
    header.name = {text + at_ + header_size, name_size};
    std::size_t name_end = header.name.find('\0');
    if (name_end == std::string_view::npos)
        return broken("a name without end");
    header.name = header.name.substr(0, name_end);
    // Header and name, then the contents, are each padded to four bytes of the archive.
    std::uint64_t data_start = align_up(at_ + header_size + name_size, 4);
    std::uint64_t size = header.fields[field_size];
    if (data_start > archive_.size() || size > archive_.size() - data_start)
        return broken("contents reach beyond the archive's end");
    header.data = archive_.subspan(static_cast<std::size_t>(data_start), static_cast<std::size_t>(size));
    std::uint64_t end = align_up(data_start + size, 4);
    header.end = end < archive_.size() ? static_cast<std::size_t>(end) : archive_.size();
    return header;
}

Result<std::optional<CpioEntry>> CpioReader::next() {
    for (;;) {
        skip_padding();
        if (at_ == archive_.size())
            return std::optional<CpioEntry>();
        Header header = TRY(read_header());
        if (header.name == trailer) {
            at_ = header.end;
            continue;
        }
        auto type = type_of(header.fields[field_mode]);
        std::string_view name = strip_start(header.name);
        while (name.ends_with('/'))
            name.remove_suffix(1);
        if (!type)
            return broken("an unknown file type");
        if (!is_safe(name))
            return broken("a name that leads outside");
        at_ = header.end;
        return std::optional<CpioEntry>(CpioEntry{
            .name = name,
            .type = *type,
            .mode = static_cast<Mode>(header.fields[field_mode] & mode_mask),
            .user = header.fields[field_user],
            .group = header.fields[field_group],
            .links = header.fields[field_links],
            .modified = header.fields[field_modified],
            .number = header.fields[field_number],
            .archive_device = {header.fields[field_archive_major], header.fields[field_archive_minor]},
            .device = {header.fields[field_major], header.fields[field_minor]},
            .data = header.data,
        });
    }
}

} // namespace file

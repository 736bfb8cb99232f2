#include "process/elf_image.hpp"

#include "lib/address.hpp"

#include <arch/cpu.hpp>
#include <arch/page_table.hpp>
#include <cstring>

namespace process {

namespace {

// The file's own structures (System V ABI, figures 4-3 and 5-1; ELF-64 Object File Format, figures 2 and 6).
struct FileHeader {
    std::array<std::uint8_t, 16> identification;
    std::uint16_t type;
    std::uint16_t machine;
    std::uint32_t version;
    std::uint64_t entry;
    std::uint64_t program_headers;
    std::uint64_t section_headers;
    std::uint32_t flags;
    std::uint16_t header_size;
    std::uint16_t program_header_size;
    std::uint16_t program_header_count;
    std::uint16_t section_header_size;
    std::uint16_t section_header_count;
    std::uint16_t section_names;
};
static_assert(sizeof(FileHeader) == 64);

struct ProgramHeader {
    std::uint32_t type;
    std::uint32_t flags;
    std::uint64_t offset;
    std::uint64_t virtual_address;
    std::uint64_t physical_address;
    std::uint64_t file_size;
    std::uint64_t memory_size;
    std::uint64_t alignment;
};
static_assert(sizeof(ProgramHeader) == 56);

enum Flag : std::uint32_t { flag_execute = 1, flag_write = 2, flag_read = 4 };
constexpr std::uint8_t class_64 = 2, data_little_endian = 1;
constexpr std::size_t note_header_size = 12;

Result<> read_exactly(ElfSource& source, std::uint64_t offset, std::span<std::byte> to) {
    if (TRY(source.read_at(offset, to)) != to.size())
        return fail(Error::bad_executable);
    return {};
}

bool wraps(std::uint64_t start, std::uint64_t bytes) {
    return start + bytes < start;
}

} // namespace

class ElfParser {
public:
    ElfParser(ElfSource& source, ElfImage& image) : source_(source), image_(image) {}

    Result<> run(ElfImage::Machine machine) {
        TRY(read_header(machine));
        for (std::uint16_t i = 0; i < header_.program_header_count; ++i)
            TRY(read_segment(i));
        if (!image_.alignment_)
            return fail(Error::bad_executable); // nothing to load
        find_headers();
        return {};
    }

private:
    Result<> read_header(ElfImage::Machine machine) {
        const auto bytes = std::as_writable_bytes(std::span(&header_, 1));
        const std::size_t got = TRY(source_.read_at(0, bytes));
        const auto& id = header_.identification;
        if (got < 4 || id[0] != 0x7f || id[1] != 'E' || id[2] != 'L' || id[3] != 'F')
            return fail(Error::not_executable);
        if (got != bytes.size())
            return fail(Error::bad_executable);
        if (id[4] != class_64 || id[5] != data_little_endian || header_.machine != static_cast<std::uint16_t>(machine))
            return fail(Error::wrong_architecture);
        const bool known_type = header_.type == static_cast<std::uint16_t>(ElfImage::Type::executable)
                                || header_.type == static_cast<std::uint16_t>(ElfImage::Type::shared);
        if (!known_type || header_.program_header_size != sizeof(ProgramHeader) || header_.program_header_count == 0
            || header_.program_header_count > ElfImage::max_segments)
            return fail(Error::bad_executable);
        image_.type_ = static_cast<ElfImage::Type>(header_.type);
        image_.os_abi_ = id[7];
        image_.flags_ = header_.flags;
        image_.entry_ = header_.entry;
        image_.header_count_ = header_.program_header_count;
        return {};
    }

    Result<> read_segment(std::uint16_t index) {
        ProgramHeader raw;
        const std::uint64_t at = header_.program_headers + std::uint64_t{index} * sizeof(raw);
        if (at < header_.program_headers)
            return fail(Error::bad_executable);
        TRY(read_exactly(source_, at, std::as_writable_bytes(std::span(&raw, 1))));
        const ElfSegment segment{
            .kind = static_cast<ElfSegment::Kind>(raw.type),
            .read = (raw.flags & flag_read) != 0,
            .write = (raw.flags & flag_write) != 0,
            .execute = (raw.flags & flag_execute) != 0,
            .offset = raw.offset,
            .address = raw.virtual_address,
            .file_bytes = raw.file_size,
            .memory_bytes = raw.memory_size,
            .alignment = raw.alignment,
        };
        TRY(accept(segment));
        image_.segments_[image_.count_++] = segment;
        return {};
    }

    Result<> accept(const ElfSegment& segment) {
        switch (segment.kind) {
        case ElfSegment::Kind::load:
            return accept_load(segment);
        case ElfSegment::Kind::interpreter:
            return accept_interpreter(segment);
        case ElfSegment::Kind::note:
            return accept_note(segment);
        case ElfSegment::Kind::gnu_stack:
            image_.has_stack_header_ = true;
            image_.stack_executable_ = segment.execute;
            return {};
        default:
            return {};
        }
    }

    Result<> accept_load(const ElfSegment& segment) {
        const bool power_of_two = (segment.alignment & (segment.alignment - 1)) == 0;
        if (segment.file_bytes > segment.memory_bytes || wraps(segment.offset, segment.file_bytes)
            || wraps(segment.address, segment.memory_bytes) || !power_of_two)
            return fail(Error::bad_executable);
        // Addresses and sizes beyond any user half are refused here, so that sums of them cannot wrap later.
        if (segment.address >= arch::user_top || segment.memory_bytes > arch::user_top - segment.address
            || segment.offset > std::uint64_t{1} << 62)
            return fail(Error::bad_executable);
        if (segment.address % page_size != segment.offset % page_size && segment.file_bytes != 0)
            image_.mappable_ = false;
        const bool first = image_.alignment_ == 0;
        if (!first && segment.address < last_end_)
            return fail(Error::bad_executable); // not ascending, or overlapping
        last_end_ = segment.address + segment.memory_bytes;
        if (first)
            image_.lowest_ = align_down(segment.address, page_size);
        image_.highest_ = align_up(last_end_, page_size);
        const std::uint64_t alignment = segment.alignment > page_size ? segment.alignment : page_size;
        image_.alignment_ = alignment > image_.alignment_ ? alignment : image_.alignment_;
        return {};
    }

    Result<> accept_interpreter(const ElfSegment& segment) {
        if (image_.interpreter_length_ != 0)
            return {}; // the first one counts
        if (segment.file_bytes < 2 || segment.file_bytes > ElfImage::max_interpreter)
            return fail(Error::bad_executable);
        const auto to = std::as_writable_bytes(std::span(image_.interpreter_)).first(segment.file_bytes);
        TRY(read_exactly(source_, segment.offset, to));
        if (to.back() != std::byte{})
            return fail(Error::bad_executable);
        image_.interpreter_length_ = std::strlen(image_.interpreter_.data());
        return {};
    }

    Result<> accept_note(const ElfSegment& segment) {
        const std::size_t room = image_.notes_.size() - image_.notes_length_;
        const std::size_t bytes = segment.file_bytes < room ? segment.file_bytes : room;
        if (wraps(segment.offset, bytes))
            return fail(Error::bad_executable);
        const auto to = std::span(image_.notes_).subspan(image_.notes_length_, bytes);
        image_.notes_length_ += TRY(source_.read_at(segment.offset, to)) & ~std::size_t{3};
        return {};
    }

    void find_headers() {
        const std::uint64_t size = std::uint64_t{header_.program_header_count} * sizeof(ProgramHeader);
        for (const ElfSegment& segment : image_.segments()) {
            if (segment.kind != ElfSegment::Kind::load || header_.program_headers < segment.offset)
                continue;
            const std::uint64_t inside = header_.program_headers - segment.offset;
            if (inside <= segment.file_bytes && size <= segment.file_bytes - inside) {
                image_.headers_address_ = segment.address + inside;
                return;
            }
        }
    }

    ElfSource& source_;
    ElfImage& image_;
    FileHeader header_{};
    std::uint64_t last_end_ = 0;
};

Result<> ElfImage::parse(ElfSource& source, Machine machine, ElfImage& to) {
    to = ElfImage();
    auto done = ElfParser(source, to).run(machine);
    if (!done)
        to = ElfImage();
    return done;
}

ElfImage::Machine ElfImage::native_machine() {
    const std::string_view name = arch::isa_name();
    if (name == "aarch64")
        return Machine::aarch64;
    return name == "riscv64" ? Machine::riscv : Machine::x86_64;
}

bool ElfImage::has_note(std::string_view owner, std::uint32_t type) const {
    // A note: three words (name size, descriptor size, type), name and descriptor, each padded to four bytes.
    std::size_t at = 0;
    while (notes_length_ - at >= note_header_size) {
        std::array<std::uint32_t, 3> head;
        std::memcpy(head.data(), &notes_[at], sizeof(head));
        at += note_header_size;
        const std::size_t left = notes_length_ - at;
        const std::uint64_t name_room = align_up(head[0], 4), descriptor_room = align_up(head[1], 4);
        if (name_room > left || descriptor_room > left - name_room)
            return false;
        const std::string_view name(reinterpret_cast<const char*>(&notes_[at]), head[0]);
        if (head[2] == type && head[0] == owner.size() + 1 && name.substr(0, owner.size()) == owner)
            return true;
        at += name_room + descriptor_room;
    }
    return false;
}

} // namespace process

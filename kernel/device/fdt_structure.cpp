#include "device/fdt_structure.hpp"

#include <algorithm>

namespace device::fdt {
namespace {

/// Offsets of the header's fields, bytes.
enum Header : std::size_t {
    header_magic = 0,
    header_total_size = 4,
    header_structure_offset = 8,
    header_strings_offset = 12,
    header_reservations_offset = 16,
    header_last_compatible_version = 24,
    header_strings_size = 32,
    header_structure_size = 36,
    header_size = 40,
};

constexpr std::uint32_t magic = 0xd00d'feed;
constexpr std::uint32_t version = 17;

/// The part of `all` at [offset, offset + size); empty when it does not fit.
Bytes part(Bytes all, std::size_t offset, std::size_t size) {
    if (offset > all.size() || size > all.size() - offset)
        return {};
    return all.subspan(offset, size);
}

constexpr std::uint32_t align_cell(std::size_t offset) {
    return static_cast<std::uint32_t>((offset + 3) & ~std::size_t{3});
}

} // namespace

std::optional<std::uint64_t> read_cells(Bytes cells, std::size_t index, std::size_t count) {
    if (index > cells.size() / 4 || count > cells.size() / 4 - index)
        return {};
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i)
        value = value << 32 | read_big32(cells.data() + (index + i) * 4);
    return value;
}

std::optional<std::string_view> read_string(Bytes bytes) {
    if (bytes.empty())
        return {};
    const auto* text = reinterpret_cast<const char*>(bytes.data());
    const std::size_t length = std::string_view(text, bytes.size()).find('\0');
    if (length == std::string_view::npos)
        return {};
    return std::string_view(text, length);
}

bool lists_string(Bytes strings, std::string_view wanted) {
    while (const auto text = read_string(strings)) {
        if (*text == wanted)
            return true;
        strings = strings.subspan(text->size() + 1);
    }
    return false;
}

void set_total_size(std::span<std::byte> blob) {
    const auto size = std::byteswap(static_cast<std::uint32_t>(blob.size()));
    __builtin_memcpy(blob.data() + header_total_size, &size, sizeof(size));
}

Structure::Structure(const void* blob) {
    const auto* header = static_cast<const std::byte*>(blob);
    const auto field = [header](Header at) { return read_big32(header + at); };
    if (field(header_magic) != magic || field(header_last_compatible_version) > version
        || field(header_total_size) < header_size)
        return;
    size_ = field(header_total_size);
    const Bytes all(header, size_);
    structure_ = part(all, field(header_structure_offset), field(header_structure_size));
    strings_ = part(all, field(header_strings_offset), field(header_strings_size));
    const std::size_t reservations = field(header_reservations_offset);
    reservations_ = reservations < size_ ? all.subspan(reservations) : Bytes{};
    const std::byte* const end = std::max(structure_.data() + structure_.size(), strings_.data() + strings_.size());
    const bool complete = !structure_.empty() && !strings_.empty() && all.data() + reservations < end;
    used_ = complete ? static_cast<std::uint32_t>(end - all.data()) : size_;
}

std::optional<Token> Structure::token(std::uint32_t offset) const {
    if (offset > structure_.size() || structure_.size() - offset < 4)
        return {};
    Token token{
        .kind = Token::Kind{read_big32(structure_.data() + offset)},
        .next = offset + 4,
        .name = {},
        .name_offset = 0,
        .value = {}};
    const Bytes rest = structure_.subspan(token.next);
    switch (token.kind) {
    case Token::Kind::begin_node: {
        const auto name = read_string(rest);
        if (!name)
            return {};
        token.name = *name;
        token.next = align_cell(token.next + name->size() + 1);
        return token;
    }
    case Token::Kind::property: {
        const auto length = read_cell(rest, 0), name_offset = read_cell(rest, 1);
        if (!length || !name_offset || *length > rest.size() - 8)
            return {};
        token.name_offset = *name_offset;
        token.value = rest.subspan(8, *length);
        token.next = align_cell(token.next + std::size_t{8} + *length);
        return token;
    }
    case Token::Kind::end_node:
    case Token::Kind::nop:
        return token;
    case Token::Kind::end:
        break;
    }
    return {};
}

bool Structure::is_named(const Token& property, std::string_view wanted) const {
    if (property.name_offset >= strings_.size() || strings_.size() - property.name_offset <= wanted.size())
        return false;
    const std::byte* name = strings_.data() + property.name_offset;
    return std::memcmp(name, wanted.data(), wanted.size()) == 0 && name[wanted.size()] == std::byte{0};
}

std::optional<Token> Structure::token_at(std::uint32_t& offset) const {
    for (;;) {
        const auto found = token(offset);
        if (!found || found->kind != Token::Kind::nop)
            return found;
        offset = found->next;
    }
}

} // namespace device::fdt

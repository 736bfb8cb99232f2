#pragma once
// The bytes of a flattened device tree: header, tokens, strings. Devicetree Specification v0.4, chapter 5. For fdt.cpp.

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace device::fdt {

using Bytes = std::span<const std::byte>;

inline std::uint32_t read_big32(const std::byte* at) {
    std::uint32_t value;
    __builtin_memcpy(&value, at, sizeof(value)); // inline: freestanding compilers do not expand std::memcpy
    return std::byteswap(value);
}

/// Cell `index` of an array of cells; nothing behind its end.
inline std::optional<std::uint32_t> read_cell(Bytes cells, std::size_t index) {
    if (index >= cells.size() / 4)
        return {};
    return read_big32(cells.data() + index * 4);
}

/// The header of a copy says that it is as large as it is.
void set_total_size(std::span<std::byte> blob);

/// A number of `count` cells (the low 64 bits of longer ones) from cell `index` on.
std::optional<std::uint64_t> read_cells(Bytes cells, std::size_t index, std::size_t count);

/// The text up to a NUL; nothing when there is none in the bytes.
std::optional<std::string_view> read_string(Bytes bytes);

/// True when a list of NUL-terminated strings holds `wanted`.
bool lists_string(Bytes strings, std::string_view wanted);

struct Token {
    enum class Kind : std::uint32_t { begin_node = 1, end_node = 2, property = 3, nop = 4, end = 9 } kind;
    std::uint32_t next;        // offset of the token behind it
    std::string_view name;     // of a node
    std::uint32_t name_offset; // of a property, in the strings: most are passed over without a look at their names
    Bytes value;               // of a property
};

/// The parts of a blob, by its header. Empty where the header does not fit its own size.
class Structure {
public:
    explicit Structure(const void* blob);

    /// The token at an offset into the structure block; nothing where the block ends or is broken.
    std::optional<Token> token(std::uint32_t offset) const;
    /// The same without NOPs.
    std::optional<Token> token_at(std::uint32_t& offset) const;

    /// True when a property's name is `wanted`.
    bool is_named(const Token& property, std::string_view wanted) const;

    std::uint32_t size() const { return size_; } // of the whole blob, bytes; 0: not a device tree
    /// Bytes up to the end of the last part: what is behind is room that was kept for more.
    std::uint32_t used() const { return used_; }
    Bytes reservations() const { return reservations_; }

private:
    std::uint32_t size_ = 0, used_ = 0;
    Bytes structure_;
    Bytes strings_;
    Bytes reservations_;
};

} // namespace device::fdt

#pragma once
// Text that grows while it is written, for files whose contents are made when they are read.

#include "lib/format.hpp"

#include <span>
#include <string_view>

namespace file {

class Text {
public:
    Text() = default;
    Text(const Text&) = delete;
    Text& operator=(const Text&) = delete;
    ~Text() { delete[] data_; }

    std::string_view view() const { return {data_, size_}; }
    std::span<const std::byte> bytes() const { return std::as_bytes(std::span(data_, size_)); }
    void clear() { size_ = 0; }
    /// True once there was no memory: some of the text is missing.
    bool failed() const { return failed_; }

    void put(std::string_view text);
    void put_character(char character) { put({&character, 1}); }
    /// Hexadecimal without prefix, at least `digits` long.
    void put_hexadecimal(std::uint64_t value, unsigned digits);
    /// Decimal, right-aligned in `width` or padded with zeros.
    void put_padded(std::uint64_t value, unsigned width, char pad = ' ');
    /// Octal, at least `digits` long.
    void put_octal(std::uint64_t value, unsigned digits);

    template <typename... Args>
    void print(format::Format<std::type_identity_t<Args>...> format, const Args&... args) {
        char line[256];
        put({line, format::print(line, format, args...)});
    }

private:
    void put_number(std::uint64_t value, unsigned base, unsigned width, char pad);

    char* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
    bool failed_ = false;
};

} // namespace file

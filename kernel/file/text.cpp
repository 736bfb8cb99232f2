#include "file/text.hpp"

#include <cstring>
#include <new>

namespace file {

void Text::put(std::string_view text) {
    if (size_ + text.size() > capacity_) {
        std::size_t grown = capacity_ ? 2 * capacity_ : 512;
        while (grown < size_ + text.size())
            grown *= 2;
        char* data = new (std::nothrow) char[grown];
        if (!data) {
            failed_ = true;
            return;
        }
        if (size_)
            std::memcpy(data, data_, size_);
        delete[] data_;
        data_ = data;
        capacity_ = grown;
    }
    text.copy(data_ + size_, text.size());
    size_ += text.size();
}

void Text::put_number(std::uint64_t value, unsigned base, unsigned width, char pad) {
    char digits[66];
    std::size_t at = sizeof digits;
    do {
        digits[--at] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    while (sizeof digits - at < width && at > 0)
        digits[--at] = pad;
    put({digits + at, sizeof digits - at});
}

void Text::put_hexadecimal(std::uint64_t value, unsigned digits) {
    put_number(value, 16, digits, '0');
}

void Text::put_padded(std::uint64_t value, unsigned width, char pad) {
    put_number(value, 10, width, pad);
}

void Text::put_octal(std::uint64_t value, unsigned digits) {
    put_number(value, 8, digits, '0');
}

} // namespace file

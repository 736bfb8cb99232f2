#pragma once
// A ring of bytes of a fixed size. Positions count bytes ever put in, so that a position stays what it is.

#include <array>
#include <cstddef>
#include <span>

namespace terminal {

template <std::size_t Size>
class ByteRing {
    static_assert((Size & (Size - 1)) == 0);

public:
    std::size_t size() const { return tail_ - head_; }
    std::size_t room() const { return Size - size(); }
    bool empty() const { return head_ == tail_; }
    std::size_t head() const { return head_; }
    std::size_t tail() const { return tail_; }

    char at(std::size_t position) const { return bytes_[position & (Size - 1)]; }
    void push(char byte) { bytes_[tail_++ & (Size - 1)] = byte; }
    char pop() { return bytes_[head_++ & (Size - 1)]; }
    /// Takes the newest byte back.
    void unpush() { --tail_; }
    void drop_to(std::size_t position) { head_ = position; }
    void cut_to(std::size_t position) { tail_ = position; }
    /// The contiguous bytes at the head.
    std::span<const char> front() const {
        std::size_t start = head_ & (Size - 1);
        std::size_t length = size() < Size - start ? size() : Size - start;
        return {bytes_.data() + start, length};
    }
    void drop(std::size_t bytes) { head_ += bytes; }

private:
    std::array<char, Size> bytes_{};
    std::size_t head_ = 0;
    std::size_t tail_ = 0;
};

} // namespace terminal

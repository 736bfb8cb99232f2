#pragma once
// The bytes that a UART has taken but not sent. Its driver's lock guards it.

#include <array>
#include <cstddef>
#include <span>

namespace device {

class TransmitRing {
public:
    bool empty() const { return written_ == sent_; }

    /// Takes what fits; remembers when that was not all.
    std::size_t put(std::span<const char> bytes) {
        std::size_t taken = 0;
        while (taken < bytes.size() && written_ - sent_ < bytes_.size())
            bytes_[written_++ % bytes_.size()] = bytes[taken++];
        if (taken < bytes.size())
            refused_ = true;
        return taken;
    }

    /// The oldest byte; the ring must not be empty.
    char take() { return bytes_[sent_++ % bytes_.size()]; }

    /// True once after the ring has become half empty when put() had refused something.
    bool take_room_notice() {
        if (!refused_ || written_ - sent_ > bytes_.size() / 2)
            return false;
        refused_ = false;
        return true;
    }

private:
    std::array<char, 4096> bytes_{};
    std::size_t written_ = 0; // ever; a position is this modulo the size
    std::size_t sent_ = 0;
    bool refused_ = false;
};

} // namespace device

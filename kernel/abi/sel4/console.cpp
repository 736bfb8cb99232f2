#include "abi/sel4/console.hpp"

namespace abi::sel4 {

bool Console::put(char character) {
    if (used_ == size)
        return false;
    text_[(first_ + used_++) % size] = character;
    return true;
}

std::size_t Console::take(std::span<char> to) {
    std::size_t taken = 0;
    for (; taken < to.size() && used_ != 0; --used_) {
        to[taken++] = text_[first_];
        first_ = (first_ + 1) % size;
    }
    return taken;
}

} // namespace abi::sel4

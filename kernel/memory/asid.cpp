#include "memory/asid.hpp"

#include "lib/spinlock.hpp"

#include <arch/page_table.hpp>
#include <array>
#include <bit>

namespace memory {
namespace {

struct AsidSet {
    Spinlock lock;
    std::array<std::uint64_t, 1024> used GUARDED_BY(lock){}; // a bit per number
    std::uint32_t next GUARDED_BY(lock) = 0;                 // the word to look at first
};
constinit AsidSet set;

} // namespace

std::uint16_t allocate_asid() {
    const unsigned bits = arch::asid_bits();
    if (bits == 0)
        return 0;
    const std::uint32_t numbers = 1u << (bits < 16 ? bits : 16);
    const std::uint32_t words = (numbers + 63) / 64;
    SpinlockGuard guard(set.lock);
    set.used[0] |= 1; // number 0 is nobody's
    for (std::uint32_t tried = 0; tried < words; ++tried) {
        std::uint64_t& word = set.used[set.next];
        if (word != ~std::uint64_t{0}) {
            const auto bit = static_cast<std::uint32_t>(std::countr_one(word));
            const std::uint32_t number = set.next * 64 + bit;
            if (number < numbers) {
                word |= std::uint64_t{1} << bit;
                return static_cast<std::uint16_t>(number);
            }
        }
        set.next = (set.next + 1) % words;
    }
    return 0;
}

void free_asid(std::uint16_t asid) {
    if (asid == 0)
        return;
    SpinlockGuard guard(set.lock);
    set.used[asid / 64] &= ~(std::uint64_t{1} << (asid % 64));
}

} // namespace memory

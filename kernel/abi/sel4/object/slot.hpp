#pragma once
// A slot holds a capability and its place in the derivation tree. The tree is kept as one list in depth-first order:
// the descendants of a slot follow it directly, as far as they are inside its object's region.

#include "abi/sel4/object/capability.hpp"

namespace abi::sel4 {

inline constexpr unsigned slot_bits = 5;

struct alignas(32) Slot {
    Capability cap;
    Slot* previous = nullptr;
    std::uintptr_t next_and_flags = 0;

    static constexpr std::uintptr_t flag_mask = 3;
    static constexpr std::uintptr_t flag_revocable = 1;    // copies made from it are its children
    static constexpr std::uintptr_t flag_first_badged = 2; // was badged by its parent: no child of equal badges

    Slot* next() const { return reinterpret_cast<Slot*>(next_and_flags & ~flag_mask); }
    void set_next(Slot* to) { next_and_flags = reinterpret_cast<std::uintptr_t>(to) | (next_and_flags & flag_mask); }
    bool revocable() const { return next_and_flags & flag_revocable; }
    bool first_badged() const { return next_and_flags & flag_first_badged; }
    bool empty() const { return !cap; }
};
static_assert(sizeof(Slot) == 1u << slot_bits);

} // namespace abi::sel4

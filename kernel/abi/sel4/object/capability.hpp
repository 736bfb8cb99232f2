#pragma once
// A capability is two words:
//
//     word 0   63..20 the object's physical address, bits 47..4 | 19..5 fields by type | 4..0 type
//     word 1   by type: badge, guard, mapped address, ...
//
// The encoding is ours; nothing of it is visible to programs.

#include "abi/sel4/message.hpp"
#include "lib/address.hpp"

#include <arch/page_table.hpp>
#include <cstdint>

namespace abi::sel4 {

enum class CapType : std::uint8_t {
    null,
    untyped,
    endpoint,
    notification,
    reply,
    cnode,
    thread,
    zombie, // what is left of a CNode or TCB whose slots are being emptied
    irq_control,
    irq_handler,
    domain,
    // objects of the instruction set
    frame,
    page_table,     // x86_64: the last level
    vspace,         // the root: aarch64 VSpace, riscv64 a page table with an ASID is of type page_table, x86_64 PML4
    page_directory, // x86_64
    pdpt,           // x86_64
    asid_control,
    asid_pool,
    io_port_control, // x86_64
    io_port,         // x86_64
    sgi_signal,      // aarch64
};
inline constexpr CapType first_isa_type = CapType::frame;

struct Capability {
    std::uint64_t words[2] = {0, 0};

    constexpr CapType type() const { return CapType(words[0] & 31); }
    constexpr bool is(CapType which) const { return type() == which; }
    constexpr explicit operator bool() const { return !is(CapType::null); }
    constexpr bool operator==(const Capability&) const = default;

    constexpr PhysAddr physical() const { return {words[0] >> 16 & ~std::uint64_t{15}}; }
    /// The object in the kernel's memory. Not of device frames.
    template <typename T>
    T* object() const {
        return arch::phys_to_virt<T>(physical());
    }

    /// `bits` bits of word 0 from `first` (5..19).
    constexpr std::uint64_t field(unsigned first, unsigned bits) const {
        return words[0] >> first & ((std::uint64_t{1} << bits) - 1);
    }
    constexpr void set_field(unsigned first, unsigned bits, std::uint64_t value) {
        const std::uint64_t mask = ((std::uint64_t{1} << bits) - 1) << first;
        words[0] = (words[0] & ~mask) | (value << first & mask);
    }

    /// A capability with an address (0 for those without an object) and no fields set.
    static constexpr Capability make(CapType type, PhysAddr object = {}, std::uint64_t second = 0) {
        return {{object.value << 16 | static_cast<std::uint64_t>(type), second}};
    }
};
static_assert(sizeof(Capability) == 16);

// Fields by type. Each accessor is for capabilities of its type only.

/// Word 1: the offset of the first byte that was never handed out (the watermark).
namespace untyped {
constexpr Capability make(PhysAddr start, unsigned size_bits, bool device, std::uint64_t watermark = 0) {
    Capability cap = Capability::make(CapType::untyped, start, watermark);
    cap.set_field(5, 6, size_bits);
    cap.set_field(11, 1, device);
    return cap;
}
constexpr unsigned size_bits(const Capability& cap) {
    return static_cast<unsigned>(cap.field(5, 6));
}
constexpr bool is_device(const Capability& cap) {
    return cap.field(11, 1) != 0;
}
constexpr std::uint64_t watermark(const Capability& cap) {
    return cap.words[1];
}
constexpr std::uint64_t bytes(const Capability& cap) {
    return std::uint64_t{1} << size_bits(cap);
}
} // namespace untyped

/// Endpoints and notifications. Fields: rights at bit 5. Word 1: the badge.
namespace endpoint {
constexpr Capability make(CapType type, PhysAddr object, Rights rights, Word badge) {
    Capability cap = Capability::make(type, object, badge);
    cap.set_field(5, 4, rights);
    return cap;
}
constexpr Rights rights(const Capability& cap) {
    return static_cast<Rights>(cap.field(5, 4));
}
constexpr bool may(const Capability& cap, Right right) {
    return cap.words[0] >> 5 & right;
}
constexpr Word badge(const Capability& cap) {
    return cap.words[1];
}
} // namespace endpoint

/// The object is the TCB that waits for the reply. Bit 5: master, bit 6: may grant.
namespace reply {
constexpr Capability make(PhysAddr tcb, bool master, bool may_grant) {
    Capability cap = Capability::make(CapType::reply, tcb);
    cap.words[0] |= static_cast<std::uint64_t>(master) << 5 | static_cast<std::uint64_t>(may_grant) << 6;
    return cap;
}
constexpr bool is_master(const Capability& cap) {
    return cap.field(5, 1) != 0;
}
constexpr bool may_grant(const Capability& cap) {
    return cap.field(6, 1) != 0;
}
} // namespace reply

/// Bit 5: guard and index together are a whole address. Word 1: the guard.
namespace cnode {
constexpr unsigned radix(const Capability& cap) {
    return static_cast<unsigned>(cap.field(6, 6));
}
constexpr unsigned guard_bits(const Capability& cap) {
    return static_cast<unsigned>(cap.field(12, 6));
}
constexpr void set_guard(Capability& cap, unsigned guard_bits, Word guard) {
    cap.set_field(12, 6, guard_bits);
    cap.set_field(5, 1, radix(cap) + guard_bits == word_bits);
    cap.words[1] = guard;
}
constexpr Capability make(PhysAddr object, unsigned radix, unsigned guard_bits, Word guard) {
    Capability cap = Capability::make(CapType::cnode, object);
    cap.set_field(6, 6, radix);
    set_guard(cap, guard_bits, guard);
    return cap;
}
/// It is a CNode (of any capability), and one step through it resolves an address.
constexpr bool is_whole(const Capability& cap) {
    return (cap.words[0] & 63) == (32 | static_cast<std::uint64_t>(CapType::cnode));
}
constexpr Word guard(const Capability& cap) {
    return cap.words[1];
}
} // namespace cnode

/// Bits 5..10: the CNode's radix, 63 for a TCB. Word 1: slots that may still hold something, from the first.
namespace zombie {
inline constexpr unsigned of_tcb = 63;
constexpr Capability make(PhysAddr object, unsigned radix, std::uint64_t slots) {
    Capability cap = Capability::make(CapType::zombie, object, slots);
    cap.set_field(5, 6, radix);
    return cap;
}
constexpr unsigned radix(const Capability& cap) {
    return static_cast<unsigned>(cap.field(5, 6));
}
constexpr std::uint64_t slots(const Capability& cap) {
    return cap.words[1];
}
} // namespace zombie

/// Bits 5, 6: size, an index into isa::frame_bits. 7, 8: rights (right_write, right_read). 9: device memory. 10, 11:
/// the ISA's own. Word 1: ASID 63..48 | mapped address 47..0; ASID 0: not mapped.
namespace frame {
constexpr Capability make(PhysAddr start, unsigned size, Rights rights, bool device) {
    Capability cap = Capability::make(CapType::frame, start);
    cap.set_field(5, 2, size);
    cap.set_field(7, 2, rights);
    cap.set_field(9, 1, device);
    return cap;
}
constexpr unsigned size(const Capability& cap) {
    return static_cast<unsigned>(cap.field(5, 2));
}
constexpr Rights rights(const Capability& cap) {
    return static_cast<Rights>(cap.field(7, 2));
}
constexpr bool is_device(const Capability& cap) {
    return cap.field(9, 1) != 0;
}
} // namespace frame

/// Word 1 of frames, page tables and VSpaces: where they are mapped. Bit 5 of a table or VSpace: it is.
namespace mapping {
constexpr std::uint16_t asid(const Capability& cap) {
    return static_cast<std::uint16_t>(cap.words[1] >> 48);
}
constexpr std::uintptr_t address(const Capability& cap) {
    return cap.words[1] & 0xffff'ffff'ffff;
}
constexpr void set(Capability& cap, std::uint16_t asid, std::uintptr_t address) {
    cap.words[1] = std::uint64_t{asid} << 48 | (address & 0xffff'ffff'ffff);
}
constexpr bool table_is_mapped(const Capability& cap) {
    return cap.field(5, 1) != 0;
}
constexpr void set_table_mapped(Capability& cap, bool is) {
    cap.set_field(5, 1, is);
}
} // namespace mapping

} // namespace abi::sel4

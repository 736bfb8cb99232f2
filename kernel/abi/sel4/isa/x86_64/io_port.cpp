// I/O ports: a capability for a range of them, from the one that controls all. A program never executes `in` or `out`
// itself: its invocations do. seL4 manual 8.2.1 "I/O Ports".

#include "abi/sel4/object/cspace.hpp"
#include "abi/sel4/object/derivation.hpp"
#include "abi/sel4/object/isa_hooks.hpp"
#include "lib/result.hpp"

#include <arch/port_io.hpp>
#include <array>
#include <sel4_isa/abi.hpp>

namespace abi::sel4::isa {
namespace {

constexpr unsigned port_count = 0x10000;

/// Ports that some capability names, and the one system that has them.
struct Taken {
    std::array<std::uint64_t, port_count / 64> bits{};
    unsigned count = 0;
    System* owner = nullptr;
};
constinit Taken taken GUARDED_BY(lock){};

struct Range {
    std::uint16_t first, last;
};
/// Never handed out, as if a capability existed already: what the kernel drives, and what stops the machine or reaches
/// memory that is not the program's. seL4 refuses nothing; there the root task owns the machine.
constexpr Range kernel_ports[]{
    {0x00, 0x0f},     // 8237: direct memory access
    {0x20, 0x21},     // 8259
    {0x64, 0x64},     // keyboard controller's commands: reset
    {0x70, 0x71},     // clock and CMOS
    {0x80, 0x8f},     // 8237: pages
    {0x92, 0x92},     // fast reset
    {0xa0, 0xa1},     // second 8259
    {0xb2, 0xb3},     // into system management mode
    {0xc0, 0xdf},     // second 8237
    {0x3f8, 0x3ff},   // COM1
    {0x510, 0x51b},   // QEMU's configuration device: direct memory access
    {0x600, 0x67f},   // ACPI power management, watchdog
    {0xcc0, 0xcff},   // hot plugging, PCI configuration, reset
    {0x1000, 0xffff}, // PCI windows: devices that the kernel drives
};

constexpr Capability make_io_port(std::uint16_t first, std::uint16_t last) {
    return Capability::make(CapType::io_port, {}, std::uint64_t{last} << 16 | first);
}
constexpr std::uint16_t first_port(const Capability& cap) {
    return static_cast<std::uint16_t>(cap.words[1]);
}
constexpr std::uint16_t last_port(const Capability& cap) {
    return static_cast<std::uint16_t>(cap.words[1] >> 16);
}

bool is_free(unsigned first, unsigned last) REQUIRES(lock) {
    for (const Range& range : kernel_ports)
        if (first <= range.last && range.first <= last)
            return false;
    for (unsigned port = first; port <= last; ++port)
        if (taken.bits[port / 64] >> port % 64 & 1)
            return false;
    return true;
}

void mark(unsigned first, unsigned last, bool is_taken) REQUIRES(lock) {
    const unsigned ports = last - first + 1;
    taken.count = is_taken ? taken.count + ports : taken.count - ports;
    for (unsigned port = first; port <= last; ++port) {
        const std::uint64_t bit = std::uint64_t{1} << port % 64;
        std::uint64_t& word = taken.bits[port / 64];
        word = is_taken ? word | bit : word & ~bit;
    }
}

Outcome issue(Invocation& invocation) REQUIRES(lock) {
    if (invocation.label != static_cast<Label>(IsaLabel::io_port_control_issue))
        return illegal_operation();
    if (invocation.length < 4 || !invocation.extra[0])
        return truncated_message();
    const auto first = static_cast<std::uint16_t>(invocation.word(0));
    const auto last = static_cast<std::uint16_t>(invocation.word(1));
    if (last < first)
        return invalid_argument(1);
    if ((taken.count != 0 && taken.owner != &invocation.system) || !is_free(first, last))
        return failure(ErrorCode::revoke_first);
    Slot* target =
        TRY(lookup_slot_for_cnode_op(false, invocation.extra[0]->cap, invocation.word(2), invocation.word(3)));
    TRY(ensure_empty(*target));
    taken.owner = &invocation.system;
    mark(first, last, true);
    insert_derived(make_io_port(first, last), invocation.slot, *target);
    return {};
}

/// Bytes that the method moves; 0: no method of a port's.
unsigned access_bytes(Label label, bool& writes) {
    switch (static_cast<IsaLabel>(label)) {
    case IsaLabel::io_port_in8:
    case IsaLabel::io_port_out8:
        writes = label == static_cast<Label>(IsaLabel::io_port_out8);
        return 1;
    case IsaLabel::io_port_in16:
    case IsaLabel::io_port_out16:
        writes = label == static_cast<Label>(IsaLabel::io_port_out16);
        return 2;
    case IsaLabel::io_port_in32:
    case IsaLabel::io_port_out32:
        writes = label == static_cast<Label>(IsaLabel::io_port_out32);
        return 4;
    default:
        return 0;
    }
}

std::uint32_t read_port(std::uint16_t port, unsigned bytes) {
    switch (bytes) {
    case 1:
        return arch::PortIo::read8(port);
    case 2:
        return arch::PortIo::read16(port);
    default:
        return arch::PortIo::read32(port);
    }
}

void write_port(std::uint16_t port, unsigned bytes, std::uint32_t value) {
    switch (bytes) {
    case 1:
        return arch::PortIo::write8(port, static_cast<std::uint8_t>(value));
    case 2:
        return arch::PortIo::write16(port, static_cast<std::uint16_t>(value));
    default:
        return arch::PortIo::write32(port, value);
    }
}

Outcome access(Invocation& invocation) REQUIRES(lock) {
    bool writes = false;
    const unsigned bytes = access_bytes(invocation.label, writes);
    if (bytes == 0)
        return illegal_operation();
    if (invocation.length < (writes ? 2u : 1u))
        return truncated_message();
    const auto port = static_cast<std::uint16_t>(invocation.word(0));
    const Capability& cap = invocation.cap();
    if (port < first_port(cap) || unsigned{port} + bytes - 1 > last_port(cap))
        return illegal_operation();
    if (writes) {
        write_port(port, bytes, static_cast<std::uint32_t>(invocation.word(1)));
        return {};
    }
    invocation.reply[0] = read_port(port, bytes);
    invocation.reply_length = 1;
    return {};
}

} // namespace

Outcome decode_frame_method(Invocation&) {
    return illegal_operation();
}
Outcome decode_root_method(Invocation&) {
    return illegal_operation();
}

Outcome decode_special_invocation(Invocation& invocation) {
    return invocation.cap().is(CapType::io_port_control) ? issue(invocation) : access(invocation);
}

bool special_same_region(const Capability& a, const Capability& b) {
    if (a.is(CapType::io_port_control))
        return b.is(CapType::io_port_control) || b.is(CapType::io_port);
    return a.is(CapType::io_port) && a == b;
}

bool special_same_object(const Capability& a, const Capability& b) {
    return a.type() == b.type() && special_same_region(a, b);
}

bool special_is_derivable(const Capability& cap) {
    return cap.is(CapType::io_port);
}

void finalise_special(System&, const Capability& cap, bool final) {
    if (final && cap.is(CapType::io_port))
        mark(first_port(cap), last_port(cap), false);
}

void release_special(System& system) {
    if (taken.owner == &system)
        taken = {};
}

} // namespace abi::sel4::isa

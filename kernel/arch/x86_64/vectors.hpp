#pragma once
// Interrupt vectors: the CPU's own (SDM volume 3, table 6-1) and our choice of the rest.

#include <cstdint>

namespace arch {

struct KernelFrame;

namespace vector {
inline constexpr std::uint64_t divide = 0, debug = 1, nmi = 2, breakpoint = 3, overflow = 4, bound = 5,
                               invalid_opcode = 6, fpu_unavailable = 7, double_fault = 8, invalid_tss = 10,
                               segment_not_present = 11, stack_segment = 12, general_protection = 13, page_fault = 14,
                               x87_error = 16, alignment = 17, machine_check = 18, simd_error = 19;

inline constexpr std::uint64_t first_interrupt = 0x20;
inline constexpr std::uint64_t first_legacy = 0x20; // the masked 8259 pair may still raise spurious ones here
inline constexpr std::uint64_t first_device =
    0x30; // device::Irq 0: lines of the I/O APICs, then message-signalled ones
inline constexpr std::uint64_t first_local = 0xf0;
inline constexpr std::uint64_t timer = 0xf0, ipi = 0xf1, apic_error = 0xfe, spurious = 0xff;
} // namespace vector

/// How many device::Irq numbers there are.
inline constexpr unsigned irq_count = vector::first_local - vector::first_device;

/// A fault while the CPU could not even push a frame: nearly always a kernel stack that ran into its guard page.
[[noreturn]] void report_double_fault(const KernelFrame& frame, std::uintptr_t address);

} // namespace arch

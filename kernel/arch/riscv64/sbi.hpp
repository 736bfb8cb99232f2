#pragma once
// Calls to the firmware (RISC-V SBI specification 1.0). Only arch/riscv64 includes this.

#include <cstdint>

namespace arch::sbi {

struct Result {
    std::int64_t error; // 0, or negative (section 3)
    std::uint64_t value;
};

enum class Extension : std::uint64_t {
    legacy_putchar = 0x01,
    legacy_shutdown = 0x08,
    base = 0x10,
    timer = 0x54494d45,
    ipi = 0x735049,
    remote_fence = 0x52464e43,
    hart_state = 0x48534d,
    system_reset = 0x53525354,
};

/// a7 = extension, a6 = function; a0 and a1 come back, all else is preserved (section 3).
inline Result call(
    Extension extension, std::uint64_t function, std::uint64_t argument0 = 0, std::uint64_t argument1 = 0,
    std::uint64_t argument2 = 0, std::uint64_t argument3 = 0, std::uint64_t argument4 = 0) {
    register std::uint64_t a0 asm("a0") = argument0;
    register std::uint64_t a1 asm("a1") = argument1;
    register std::uint64_t a2 asm("a2") = argument2;
    register std::uint64_t a3 asm("a3") = argument3;
    register std::uint64_t a4 asm("a4") = argument4;
    register std::uint64_t a6 asm("a6") = function;
    register std::uint64_t a7 asm("a7") = static_cast<std::uint64_t>(extension);
    asm volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a3), "r"(a4), "r"(a6), "r"(a7) : "memory");
    return {static_cast<std::int64_t>(a0), a1};
}

/// Harts by id: bits counted from `base`; base -1: all harts.
struct HartMask {
    std::uint64_t bits;
    std::uint64_t base;
    static constexpr HartMask all() { return {0, ~std::uint64_t{0}}; }
};

inline void set_timer(std::uint64_t time) {
    call(Extension::timer, 0, time);
}
inline void send_ipi(HartMask harts) {
    call(Extension::ipi, 0, harts.bits, harts.base);
}
inline void remote_fence_i(HartMask harts) {
    call(Extension::remote_fence, 0, harts.bits, harts.base);
}
inline void remote_sfence_vma(HartMask harts, std::uint64_t start, std::uint64_t bytes) {
    call(Extension::remote_fence, 1, harts.bits, harts.base, start, bytes);
}
inline void remote_sfence_vma_asid(HartMask harts, std::uint64_t start, std::uint64_t bytes, std::uint64_t asid) {
    call(Extension::remote_fence, 2, harts.bits, harts.base, start, bytes, asid);
}
inline Result start_hart(std::uint64_t hart, std::uint64_t physical_address, std::uint64_t opaque) {
    return call(Extension::hart_state, 0, hart, physical_address, opaque);
}

enum class ResetType : std::uint64_t { shutdown = 0, cold_reboot = 1 };
inline void reset_system(ResetType type) {
    call(Extension::system_reset, 0, static_cast<std::uint64_t>(type), 0);
}

} // namespace arch::sbi

#pragma once
// Control and status registers by name (privileged specification, chapter 4). Only arch/riscv64 includes this.

#include <cstdint>

#define CSR_READ(name)                                                                                                 \
    ({                                                                                                                 \
        std::uint64_t value_;                                                                                          \
        asm volatile("csrr %0, " #name : "=r"(value_) : : "memory");                                                   \
        value_;                                                                                                        \
    })
#define CSR_WRITE(name, value) asm volatile("csrw " #name ", %0" : : "rK"(value) : "memory")
#define CSR_SET(name, bits) asm volatile("csrs " #name ", %0" : : "rK"(bits) : "memory")
#define CSR_CLEAR(name, bits) asm volatile("csrc " #name ", %0" : : "rK"(bits) : "memory")

namespace arch {

/// scause (table 4.2); interrupts have the top bit.
enum class Cause : std::uint64_t {
    fetch_misaligned = 0,
    fetch_access = 1,
    illegal_instruction = 2,
    breakpoint = 3,
    load_misaligned = 4,
    load_access = 5,
    store_misaligned = 6,
    store_access = 7,
    user_ecall = 8,
    supervisor_ecall = 9,
    fetch_page = 12,
    load_page = 13,
    store_page = 15,
    software_interrupt = (1ull << 63) | 1,
    timer_interrupt = (1ull << 63) | 5,
    external_interrupt = (1ull << 63) | 9,
};

/// sie and sip (4.1.3).
enum InterruptBits : std::uint64_t { software_bit = 1 << 1, timer_bit = 1 << 5, external_bit = 1 << 9 };

} // namespace arch

#pragma once
// Calls into the hypervisor or secure firmware. SMC Calling Convention (DEN 0028), SMC64: x0 function, x1..x3
// arguments, result in x0.

#include <cstdint>

namespace arch {

#define FIRMWARE_CALL(name, instruction)                                                                               \
    inline std::uint64_t name(                                                                                         \
        std::uint64_t function, std::uint64_t first, std::uint64_t second, std::uint64_t third) {                      \
        register std::uint64_t x0 asm("x0") = function;                                                                \
        register std::uint64_t x1 asm("x1") = first;                                                                   \
        register std::uint64_t x2 asm("x2") = second;                                                                  \
        register std::uint64_t x3 asm("x3") = third;                                                                   \
        asm volatile(instruction " #0"                                                                                 \
                     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)                                                          \
                     :                                                                                                 \
                     : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17",     \
                       "memory");                                                                                      \
        return x0;                                                                                                     \
    }
FIRMWARE_CALL(hypervisor_call, "hvc")
FIRMWARE_CALL(secure_monitor_call, "smc")
#undef FIRMWARE_CALL

} // namespace arch

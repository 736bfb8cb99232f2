#pragma once
// The time CSR, and one alarm per CPU: stimecmp (Sstc) where the firmware lets us, else by an SBI call.

#include <cstdint>

namespace arch {

inline std::uint64_t counter() {
    std::uint64_t value;
    asm volatile("rdtime %0" : "=r"(value));
    return value;
}
/// Hz, the same on all CPUs (`timebase-frequency`).
std::uint64_t counter_frequency();

/// One interrupt on this CPU when the counter reaches the value -> trap::handle_timer.
void set_alarm(std::uint64_t counter_value);
void stop_alarm();

} // namespace arch

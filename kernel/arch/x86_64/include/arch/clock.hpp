#pragma once
// The time-stamp counter, and the local APIC's timer as alarm.

#include <cstdint>

namespace arch {

inline std::uint64_t counter() {
    std::uint32_t low, high;
    asm volatile("rdtsc" : "=a"(low), "=d"(high));
    return std::uint64_t{high} << 32 | low;
}
/// Hz; measured once at boot.
std::uint64_t counter_frequency();

/// One interrupt on this CPU at that counter value or soon after; at once when it has passed. A far deadline may fire
/// early. Interrupts off.
void set_alarm(std::uint64_t counter_value);
void stop_alarm();

} // namespace arch

#pragma once
// The generic timer's virtual counter and comparator. Arm ARM (DDI 0487) D12.

#include <arch/registers.hpp>
#include <cstdint>

namespace arch {

/// Constant rate, the same on all CPUs. The barrier keeps the read from moving up before what precedes it.
inline std::uint64_t counter() {
    instruction_barrier();
    return READ_REGISTER(cntvct_el0);
}
/// Hz.
inline std::uint64_t counter_frequency() {
    return READ_REGISTER(cntfrq_el0);
}
/// One interrupt on this CPU once counter() has reached the value (at once when it has), to trap::handle_timer.
inline void set_alarm(std::uint64_t counter_value) {
    WRITE_REGISTER(cntv_cval_el0, counter_value);
    WRITE_REGISTER(cntv_ctl_el0, 1); // ENABLE, not masked
}
inline void stop_alarm() {
    WRITE_REGISTER(cntv_ctl_el0, 0);
}

} // namespace arch

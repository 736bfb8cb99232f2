#pragma once
// The clock that knows the date. Read at boot, and when somebody asks for the hardware's own time.

#include <cstdint>

namespace device {

class RealTimeClock {
public:
    /// Seconds since 1970-01-01 00:00 UTC.
    virtual std::uint64_t seconds() = 0;

protected:
    ~RealTimeClock() = default;
};

/// Null when the machine has none. Set once at boot.
RealTimeClock* real_time_clock();
void set_real_time_clock(RealTimeClock& clock);

} // namespace device

#pragma once
// The date: the monotonic clock plus an offset that can be set.

#include "thread/timer.hpp"

namespace thread {

/// Nanoseconds since 1970-01-01 00:00 UTC.
Time wall_time();
/// Sets the date. Timers of the monotonic clock are not moved by it.
void set_wall_time(Time time);
/// wall_time() at monotonic time 0.
Time boot_time();

} // namespace thread

#pragma once
// How many threads ran or wanted to run, averaged over the last 1, 5 and 15 minutes (proc(5), loadavg).

#include <array>

namespace file {

/// Begins to count, every five seconds. Boot only.
void start_load_average();
/// In hundredths.
std::array<unsigned, 3> load_averages();

} // namespace file

#pragma once
// The fake ISA's clock stands still until a test moves it (fake/machine.hpp).

#include <cstdint>

namespace arch {

std::uint64_t counter();
inline std::uint64_t counter_frequency() {
    return 1'000'000'000;
}
void set_alarm(std::uint64_t counter_value);
void stop_alarm();

} // namespace arch

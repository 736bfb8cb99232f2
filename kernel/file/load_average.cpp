#include "file/load_average.hpp"

#include "process/table.hpp"
#include "thread/timer.hpp"

#include <atomic>

namespace file {

namespace {

constexpr thread::Time interval = 5'000'000'000;
constexpr std::uint32_t one = 1 << 11; // fixed point
// e^(-5 s / 1, 5, 15 min), times `one`: what is left of an average after an interval.
constexpr std::array<std::uint32_t, 3> decay{1884, 2014, 2037};

std::array<std::atomic<std::uint32_t>, 3> averages;

void sample(thread::Timer& timer) {
    // The thread that the timer interrupted counts only when it is not an idle one; counts() knows.
    std::uint32_t running = process::counts().running * one;
    for (std::size_t i = 0; i < averages.size(); ++i) {
        std::uint32_t before = averages[i].load(std::memory_order_relaxed);
        averages[i].store((before * decay[i] + running * (one - decay[i])) / one, std::memory_order_relaxed);
    }
    timer.arm(thread::now() + interval);
}

thread::Timer sampler(sample);

} // namespace

void start_load_average() {
    sampler.arm(thread::now() + interval);
}

std::array<unsigned, 3> load_averages() {
    std::array<unsigned, 3> result{};
    for (std::size_t i = 0; i < averages.size(); ++i)
        result[i] = averages[i].load(std::memory_order_relaxed) * 100 / one;
    return result;
}

} // namespace file

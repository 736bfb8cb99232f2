#include "thread/wall_clock.hpp"

#include <atomic>

namespace thread {
namespace {
constinit std::atomic<Time> offset{0};
}

Time wall_time() {
    return now() + boot_time();
}

void set_wall_time(Time time) {
    offset.store(time - now(), std::memory_order_relaxed);
}

Time boot_time() {
    return offset.load(std::memory_order_relaxed);
}

} // namespace thread

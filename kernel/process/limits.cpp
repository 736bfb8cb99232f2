#include "process/limits.hpp"

namespace process {

Limits Limits::standard() {
    Limits limits;
    limits[Resource::stack] = {8u << 20, Limit::unlimited};
    limits[Resource::core] = {0, Limit::unlimited};
    limits[Resource::processes] = {4096, 4096};
    limits[Resource::open_files] = {1024, 4096};
    limits[Resource::locked_memory] = {8u << 20, 8u << 20};
    limits[Resource::pending_signals] = {4096, 4096};
    limits[Resource::message_queues] = {819200, 819200};
    limits[Resource::nice] = {0, 0};
    limits[Resource::realtime_priority] = {0, 0};
    return limits;
}

} // namespace process

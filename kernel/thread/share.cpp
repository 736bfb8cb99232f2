#include "thread/share.hpp"

#include "thread/scheduler.hpp"

namespace thread {

constexpr Time turn_length = 2 * tick_length;

constinit std::array<Share, max_cpus> shares{};

void charge_stackless(Cpu& cpu) {
    Share& share = shares[cpu.index];
    share.used = cpu.run_queue.has_threads() ? share.used + tick_length : 0;
    if (share.used < turn_length)
        return;
    share.used = 0;
    share.others_until = now() + turn_length;
    cpu.current->work.fetch_or(work_reschedule, std::memory_order_relaxed);
}

Thread* take_in_turn(Cpu& cpu) {
    Share& share = shares[cpu.index];
    Thread* next = nullptr;
    if (now() < share.others_until) {
        release_fpu(cpu); // else its owner is not seen
        next = cpu.run_queue.take_for(~(std::uint32_t{1} << cpu.index));
    }
    if (!next)
        share.others_until = 0;
    return next;
}

} // namespace thread

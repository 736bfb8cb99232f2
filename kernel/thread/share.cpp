#include "thread/share.hpp"

#include "thread/scheduler.hpp"

#include <array>

namespace thread {
namespace {

constexpr Time turn_length = 2 * tick_length;

/// Of one CPU, which alone uses it, interrupts off.
struct Share {
    Time used = 0;         // ns that stackless threads have run while somebody was ready
    Time others_until = 0; // the end of the others' turn; 0: it is none
};
constinit std::array<Share, max_cpus> shares{};

} // namespace

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
    if (share.others_until == 0) [[likely]]
        return nullptr;
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

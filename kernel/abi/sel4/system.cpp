#include "abi/sel4/system.hpp"

#include "abi/sel4/object/endpoint.hpp"
#include "abi/sel4/object/interrupt.hpp"
#include "abi/sel4/object/isa_objects.hpp"
#include "abi/sel4/schedule.hpp"
#include "memory/frame.hpp"
#include "thread/scheduler.hpp"

namespace abi::sel4 {
namespace {

/// Takes one thread out of everything that is not the system's own. False: try again.
bool detach(Tcb& tcb) REQUIRES(lock) {
    if (const auto stalled = stall(tcb); !stalled)
        return false;
    thread::take_from_queue(tcb.thread);
    tcb.state = ThreadState::inactive;
    thread::forget_fpu(tcb.thread);
    if (arch::fpu_state_size() > tcb_fpu_room)
        thread::discard_fpu(tcb.thread);
    return true;
}

/// True: no thread of the system is left.
bool detach_all(System& system) {
    LockGuard guard;
    lock.assert_held();
    while (Tcb* const tcb = system.threads) {
        if (!detach(*tcb))
            return false;
        system.threads = tcb->system_next;
    }
    return true;
}

} // namespace

Result<PhysAddr> allocate_block(System& system, unsigned order) {
    if (system.block_count == System::max_blocks)
        return fail(Error::no_memory);
    const PhysAddr start = TRY(memory::allocate_frames(order));
    system.blocks[system.block_count++] = {start, order};
    system.bytes += std::uint64_t{page_size} << order;
    return start;
}

void print(System& system, char character) {
    bool writes = false, much = false;
    {
        SpinlockGuard guard(system.event_lock);
        system.console.put(character);
        much = system.console.nearly_full();
        writes = character == '\n' || much;
    }
    if (writes)
        system.event.wake_one();
    if (much && current_call.caller)
        yield(*current_call.caller);
}

void end_system(System& system) {
    {
        SpinlockGuard guard(system.event_lock);
        system.has_ended = true;
    }
    system.event.wake_one();
}

void destroy_system(System* system) {
    while (!detach_all(*system))
        arch::spin_hint();
    {
        LockGuard guard;
        lock.assert_held();
        release_interrupts(*system);
        isa::end_system(*system);
    }
    for (unsigned i = 0; i < system->block_count; ++i)
        memory::free_frames(system->blocks[i].start, system->blocks[i].order);
    delete system;
}

} // namespace abi::sel4

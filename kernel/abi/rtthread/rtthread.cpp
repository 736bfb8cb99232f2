#include "abi/rtthread/rtthread.hpp"

#include "abi/rtthread/load.hpp"
#include "abi/rtthread/new_program.hpp"
#include "abi/rtthread/object/mutex.hpp"
#include "abi/rtthread/object/shared_memory.hpp"
#include "abi/rtthread/object/thread_object.hpp"
#include "abi/rtthread/object/user_mutex.hpp"
#include "abi/rtthread/signals.hpp"
#include "abi/rtthread/table.hpp"
#include "abi/rtthread/thread_end.hpp"
#include "abi/rtthread/ticks.hpp"
#include "thread/scheduler.hpp"

#include <new>

namespace abi::rtthread {

ProcessState::~ProcessState() {
    disown_shared_memory(this);
}

ThreadState::ThreadState(thread::Thread& of, Ref<ProcessState> in) : thread(of), process(std::move(in)) {}
ThreadState::~ThreadState() {
    delete held;
}

namespace {

bool is_ours(const thread::Thread& thread) {
    return thread.personality == &personality || thread.personality == &personality_5_0;
}

/// A thread of the same process shares its state, a fork gets a copy, a fresh program a new one.
Result<Ref<ProcessState>> state_for(thread::Thread& child, thread::Thread* parent) {
    const bool from_ours = parent && is_ours(*parent) && state_of(*parent).process;
    if (from_ours && child.address_space == parent->address_space)
        return state_of(*parent).process;
    auto fresh = Ref<ProcessState>::adopt(new (std::nothrow) ProcessState);
    if (!fresh)
        return fail(Error::no_memory);
    if (from_ours)
        TRY(fresh->handles.copy_from(state_of(*parent).process->handles));
    return fresh;
}

Result<> thread_created(thread::Thread& child, thread::Thread* parent) {
    Ref<ProcessState> process = TRY(state_for(child, parent));
    auto* state = new (std::nothrow) ThreadState(child, std::move(process));
    if (!state)
        return fail(Error::no_memory);
    child.abi_state = state;
    state->held = new (std::nothrow) ThreadState::HeldMutexes;
    if (!state->held) {
        delete state;
        child.abi_state = nullptr;
        return fail(Error::no_memory);
    }
    if (parent && is_ours(*parent))
        state->base_priority = state_of(*parent).base_priority;
    return {};
}

void thread_freed(thread::Thread& thread) {
    release_all_mutexes(state_of(thread));
    delete static_cast<ThreadState*>(thread.abi_state);
    thread.abi_state = nullptr;
}

/// The first thread of a program is a real-time thread like any other.
void entered(thread::Thread& thread) {
    change_base_priority(state_of(thread), main_priority);
    thread.slice_length = thread.slice_left = main_slice * tick;
}

} // namespace

constinit const Personality personality{
    .name = "rtthread",
    .default_entry = memory::EntryMode::direct,
    .syscall = SVC_Handler,
    .fault = handle_fault,
    .before_return = before_return,
    .recognise = recognise,
    .load = load,
    .entered = entered,
    .thread_created = thread_created,
    .thread_ended = end_thread,
    .thread_freed = thread_freed,
    .activate = nullptr, // its threads have kernel stacks
    .calls = system_calls,
};

constinit const Personality personality_5_0{
    .name = "rtthread-5.0",
    .default_entry = memory::EntryMode::direct,
    .syscall = SVC_Handler_5_0,
    .fault = handle_fault,
    .before_return = before_return,
    .recognise = recognise_nothing,
    .load = load,
    .entered = entered,
    .thread_created = thread_created,
    .thread_ended = end_thread,
    .thread_freed = thread_freed,
    .activate = nullptr,
    .calls = system_calls_5_0,
};

} // namespace abi::rtthread

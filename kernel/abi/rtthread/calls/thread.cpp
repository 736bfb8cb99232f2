#include "abi/rtthread/calls/thread.hpp"

#include "abi/rtthread/calls/creation.hpp"
#include "abi/rtthread/new_program.hpp"
#include "abi/rtthread/object/mutex.hpp"
#include "abi/rtthread/object/thread_object.hpp"
#include "abi/rtthread/object/timer.hpp"
#include "abi/rtthread/support_code.hpp"
#include "memory/address_space.hpp"
#include "process/lifecycle.hpp"
#include "process/table.hpp"
#include "thread/scheduler.hpp"

#include <new>
#include <rtthread_isa/start.hpp>

namespace abi::rtthread {
namespace {

/// The words of thread_create().
struct Creation {
    std::uint64_t name, entry, parameter, stack_bytes, priority, ticks;
};
constexpr std::uint64_t least_stack = page_size, most_stack = std::uint64_t{1} << 30;

/// A stack of the kernel's choosing. Errors: no_memory.
Result<std::uintptr_t> map_stack(memory::AddressSpace& space, std::size_t bytes) {
    return space.map({
        .bytes = bytes,
        .rights = {.read = true, .write = true, .execute = true, .user = true},
        .name_is_stack = true,
    });
}

/// The child's registers and the rest of what it is, while nobody else knows it.
Result<> prepare(
    thread::Thread& maker, thread::Thread& child, const Creation& what, std::string_view name, std::uintptr_t stack,
    std::size_t bytes) {
    ThreadState& state = state_of(child);
    const std::uintptr_t exit_code = maker.process->support_code + thread_exit_offset;
    // The original has the exit code at the top of the stack and the stack pointer there.
    const std::uintptr_t top = align_down(stack + bytes - 16, 16);
    TRY(isa::set_thread_start(*child.frame, what.entry, what.parameter, top, exit_code));
    thread::discard_fpu(child);
    auto object = Ref<ThreadObject>::adopt(new (std::nothrow) ThreadObject(name, static_cast<process::Id>(child.id)));
    if (!object)
        return fail(Error::no_memory);
    object->mask = maker.member->mask;
    object->handle = TRY(state.process->handles.add(object));
    state.object = std::move(object);
    state.parked = true;
    state.stack = stack;
    state.stack_bytes = bytes;
    child.work.fetch_or(thread::work_restore_mask); // before_return waits for its start
    {
        SpinlockGuard guard(child.process->lock);
        child.member->mask = process::SignalSet::all() - process::unblockable;
    }
    const std::uint64_t ticks = std::max<std::uint64_t>(static_cast<std::uint32_t>(what.ticks), 1);
    child.slice_length = child.slice_left = ticks * tick;
    thread::set_name(child, name);
    state.base_priority = static_cast<Priority>(what.priority);
    child.priority = to_scheduler(state.base_priority); // it is in no queue yet
    return {};
}

Result<Handle> create(thread::Thread& thread, UserAddr arguments) {
    const Creation what = TRY(memory::UserPtr<const Creation>(arguments).read());
    ObjectName name;
    TRY(name.read(memory::UserString(UserAddr{what.name})));
    if (what.stack_bytes > most_stack)
        return fail(Error::invalid_argument);
    const std::size_t bytes = align_up(std::max(what.stack_bytes, least_stack), page_size);
    const std::uintptr_t stack = TRY(map_stack(*thread.address_space, bytes));
    const process::CloneRequest request{
        .share_memory = true,
        .share_files = true,
        .share_directory = true,
        .share_actions = true,
        .same_process = true,
        .stack_pointer = stack + bytes,
    };
    auto child = process::clone(thread, request);
    if (!child) {
        static_cast<void>(thread.address_space->unmap(stack, bytes));
        return fail(child.error());
    }
    if (auto done = prepare(thread, **child, what, name.text(), stack, bytes); !done) {
        process::abandon(**child);
        static_cast<void>(thread.address_space->unmap(stack, bytes));
        return fail(done.error());
    }
    const Handle handle = state_of(**child).object->handle;
    process::launch(**child, request);
    return handle;
}

/// The thread that an object of this process stands for; it may have just ended.
Result<Ref<thread::Thread>> thread_of(const ThreadObject& object) {
    Ref<thread::Thread> found = process::find_thread(object.id);
    if (!found)
        return fail(plain_error);
    return found;
}

} // namespace

Result<Handle> sys_thread_create(thread::Thread& thread, UserAddr arguments) {
    const auto made = create(thread, arguments);
    return made ? *made : 0;
}

Result<> sys_thread_startup(thread::Thread& thread, Handle handle) {
    return TRY(find<ThreadObject>(thread, handle))->start() ? Result<>() : fail(plain_error);
}

Result<> sys_thread_delete(thread::Thread& thread, Handle handle) {
    const Ref<ThreadObject> object = TRY(find<ThreadObject>(thread, handle));
    const Ref<thread::Thread> target = TRY(thread_of(*object));
    const Ref<Object> gone = TRY(state_of(thread).process->handles.remove(handle, Object::Kind::thread));
    thread::post_work(*target, thread::work_exit);
    return {};
}

Result<Handle> sys_thread_self(thread::Thread& thread) {
    ThreadState& state = state_of(thread);
    if (state.object)
        return state.object->handle;
    auto object = Ref<ThreadObject>::adopt(
        new (std::nothrow) ThreadObject(std::string_view(thread.name), static_cast<process::Id>(thread.id)));
    if (!object)
        return 0;
    object->start();
    object->handle = hand_out(thread, Ref<Object>(object));
    if (object->handle != 0)
        state.object = object;
    return object->handle;
}

Result<Handle> sys_rt_thread_find(thread::Thread& thread, memory::UserString name) {
    ObjectName text;
    TRY(text.read(name));
    return state_of(thread).process->handles.find_name(Object::Kind::thread, text.text());
}

Result<> sys_rt_thread_mdelay(thread::Thread&, std::int32_t milliseconds) {
    if (milliseconds <= 0) {
        thread::yield();
        return {};
    }
    static_assert(ticks_per_second == 1000);
    return thread::sleep_until(deadline_in(static_cast<std::uint32_t>(milliseconds)));
}

Result<std::uint32_t> sys_rt_tick_get() {
    return current_tick();
}

// Timers

namespace {

constexpr std::uint8_t timer_periodic = 2;
enum TimerCommand : std::int32_t {
    set_time = 0,
    get_time = 1,
    one_shot = 2,
    periodic = 3,
    get_state = 4,
    get_remaining = 5
};

} // namespace

Result<Handle> sys_rt_timer_create(
    thread::Thread& thread, memory::UserString name, Handle semaphore, std::uint32_t ticks, std::uint8_t flags) {
    ObjectName text;
    auto released = find<Semaphore>(thread, semaphore);
    if (!text.read(name) || !released || ticks > TimerObject::max_ticks)
        return 0;
    return hand_out(
        thread, Ref<TimerObject>::adopt(new (std::nothrow) TimerObject(
                    text.text(), std::move(*released), ticks, (flags & timer_periodic) != 0)));
}

Result<> sys_rt_timer_delete(thread::Thread& thread, Handle handle) {
    return delete_object(thread, handle, Object::Kind::timer);
}

Result<> sys_rt_timer_start(thread::Thread& thread, Handle handle) {
    TRY(find<TimerObject>(thread, handle))->start();
    return {};
}

Result<> sys_rt_timer_stop(thread::Thread& thread, Handle handle) {
    return TRY(find<TimerObject>(thread, handle))->stop();
}

Result<> sys_rt_timer_control(
    thread::Thread& thread, Handle handle, std::int32_t command, memory::UserPtr<std::uint32_t> argument) {
    const Ref<TimerObject> timer = TRY(find<TimerObject>(thread, handle));
    switch (command) {
    case set_time: {
        const std::uint32_t ticks = TRY(argument.read());
        if (ticks > TimerObject::max_ticks)
            return fail(Error::invalid_argument);
        timer->set_ticks(ticks);
        return {};
    }
    case get_time:
        return argument.write(timer->ticks());
    case one_shot:
    case periodic:
        timer->set_periodic(command == periodic);
        return {};
    case get_state:
        return argument.write(timer->is_running());
    case get_remaining:
        return argument.write(timer->remaining());
    default:
        return fail(Error::invalid_argument);
    }
}

} // namespace abi::rtthread

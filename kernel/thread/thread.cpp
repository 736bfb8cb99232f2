#include "thread/thread.hpp"

#include "abi/personality.hpp"
#include "memory/address_space.hpp"
#include "memory/kernel_map.hpp"
#include "memory/pool.hpp"
#include "thread/scheduler.hpp"
#include "thread/switch.hpp"

#include <algorithm>
#include <new>
#include <string_view>

namespace thread {
namespace {

/// A thread object with a kernel stack on which thread_entry is ready to run.
Result<Ref<Thread>> create_with_stack() {
    auto thread = Ref<Thread>::adopt(new (std::nothrow) Thread);
    if (!thread)
        return fail(Error::no_memory);
    thread->cpu.store(&arch::current_cpu(), std::memory_order_relaxed); // whose lock guards it until it starts
    thread->kernel_stack = TRY(memory::allocate_kernel_stack());
    thread->context = arch::make_kernel_context(thread->kernel_stack, thread_entry, thread.get());
    return thread;
}

} // namespace

Result<Ref<Thread>> create_user_thread(memory::AddressSpace& address_space) {
    Ref<Thread> thread = TRY(create_with_stack());
    thread->address_space = &address_space;
    TRY(address_space.attach_thread(*thread));
    return thread;
}

Result<Ref<Thread>> create_kernel_thread(const char* name, void (*entry)(void*), void* argument, Priority priority) {
    Ref<Thread> thread = TRY(create_with_stack());
    thread->kernel_entry = entry;
    thread->kernel_argument = argument;
    thread->priority = priority;
    set_name(*thread, name);
    return thread;
}

Result<Thread*> create_idle_thread() {
    auto* thread = new (std::nothrow) Thread;
    if (!thread)
        return fail(Error::no_memory);
    thread->priority = 0;
    set_name(*thread, "idle");
    return thread;
}

void set_name(Thread& thread, std::string_view name) {
    std::array<char, sizeof(thread.name)> cut{};
    std::copy_n(name.begin(), std::min(name.size(), cut.size() - 1), cut.begin());
    std::copy(cut.begin(), cut.end(), thread.name);
}

void destroy(Thread* thread) {
    if (thread->personality)
        thread->personality->thread_freed(*thread);
    if (thread->fpu_state)
        discard_fpu(*thread);
    if (thread->kernel_stack != 0)
        memory::free_kernel_stack(thread->kernel_stack);
    delete thread;
}

} // namespace thread

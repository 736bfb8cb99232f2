#include "abi/rtthread/calls/semaphore.hpp"

#include "abi/rtthread/calls/creation.hpp"
#include "abi/rtthread/object/semaphore.hpp"

#include <new>

namespace abi::rtthread {

Result<Handle>
sys_sem_create(thread::Thread& thread, memory::UserString name, std::uint32_t value, std::uint8_t order) {
    ObjectName text;
    if (!text.read(name) || value > Semaphore::max_value)
        return 0;
    return hand_out(thread, Ref<Semaphore>::adopt(new (std::nothrow) Semaphore(text.text(), value, wait_order(order))));
}

Result<> sys_sem_delete(thread::Thread& thread, Handle handle) {
    return delete_object(thread, handle, Object::Kind::semaphore);
}

Result<> sys_sem_take(thread::Thread& thread, Handle handle, std::int32_t timeout) {
    const auto semaphore = find<Semaphore>(thread, handle);
    if (!semaphore)
        return fail(semaphore.error());
    return (*semaphore)->take(timeout);
}

Result<> sys_sem_release(thread::Thread& thread, Handle handle) {
    const auto semaphore = find<Semaphore>(thread, handle);
    if (!semaphore)
        return fail(semaphore.error());
    return (*semaphore)->release();
}

namespace {

constinit Spinlock critical_lock;
constinit const thread::Thread* critical_owner GUARDED_BY(critical_lock) = nullptr;

Waiters& critical_waiters() REQUIRES(critical_lock) {
    static constinit bool made = false;
    alignas(Waiters) static constinit std::array<std::byte, sizeof(Waiters)> storage{};
    if (!std::exchange(made, true))
        new (storage.data()) Waiters;
    return *reinterpret_cast<Waiters*>(storage.data());
}

/// The next one in line is inside, or nobody.
void pass_on() REQUIRES(critical_lock) {
    critical_owner = nullptr;
    if (Waiter* next = critical_waiters().first()) {
        critical_owner = static_cast<const thread::Thread*>(next->message);
        critical_waiters().serve(*next);
    }
}

} // namespace

Result<> sys_enter_critical(thread::Thread& thread) {
    SpinlockGuard guard(critical_lock);
    if (!critical_owner) {
        critical_owner = &thread;
        return {};
    }
    if (critical_owner == &thread)
        return fail(Error::busy); // it does not nest
    Waiter self;
    self.message = &thread;
    return critical_waiters().wait(self, WaitOrder::arrival, critical_lock, thread::never);
}

Result<> sys_exit_critical(thread::Thread& thread) {
    SpinlockGuard guard(critical_lock);
    if (critical_owner != &thread)
        return fail(plain_error);
    pass_on();
    return {};
}

void leave_critical_section(thread::Thread& thread) {
    SpinlockGuard guard(critical_lock);
    if (critical_owner == &thread)
        pass_on();
}

} // namespace abi::rtthread

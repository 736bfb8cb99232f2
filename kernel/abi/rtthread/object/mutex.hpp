#pragma once
// Recursive mutexes. Whoever holds one runs at least at the priority of the best thread that waits for it, along chains
// of mutexes, and gets its own priority back with the last one.

#include "abi/rtthread/object/object.hpp"
#include "abi/rtthread/thread_state.hpp"
#include "lib/spinlock.hpp"
#include "thread/wait_queue.hpp"

namespace abi::rtthread {

/// On the stack of the thread that waits; under the mutexes' lock.
struct MutexWaiter {
    explicit MutexWaiter(ThreadState& of) : state(of) {}

    enum class Outcome : std::uint8_t { waiting, owner, closed };
    ThreadState& state;
    thread::QueueHook hook;
    thread::WaitQueue queue;
    Outcome outcome = Outcome::waiting;
};

/// One lock over all mutexes and the priorities that depend on them: a chain may reach through any number of both.
extern Spinlock mutexes_lock;

class Mutex final : public Object, public HeldHook {
public:
    static constexpr Kind object_kind = Kind::mutex;
    static constexpr std::uint32_t max_depth = 255; // RT_MUTEX_HOLD_MAX

    explicit Mutex(std::string_view name) : Object(object_kind, name) {}
    ~Mutex() override;

    /// Errors: timed_out, interrupted, plain_error (deleted), full (held 255 times).
    Result<> take(thread::Thread& self, std::int32_t timeout) EXCLUDES(mutexes_lock);
    /// The same with a moment of the monotonic clock; 0 tries.
    Result<> take_until(thread::Thread& self, thread::Time deadline) EXCLUDES(mutexes_lock);
    /// Errors: plain_error (not the owner).
    Result<> release(thread::Thread& self) EXCLUDES(mutexes_lock);
    void close() override EXCLUDES(mutexes_lock);
    bool is_owner(thread::Thread& self) EXCLUDES(mutexes_lock);

private:
    friend void release_all_mutexes(ThreadState& state);
    friend void change_base_priority(ThreadState& state, Priority priority);
    using Waiters = thread::intrusive::list<
        MutexWaiter, thread::intrusive::member_hook<MutexWaiter, thread::QueueHook, &MutexWaiter::hook>,
        thread::intrusive::constant_time_size<false>>;

    Result<> wait(ThreadState& self, thread::Time deadline) REQUIRES(mutexes_lock);
    void own(ThreadState& state) REQUIRES(mutexes_lock);
    /// The owner lets go: the best waiter has it.
    void hand_over() REQUIRES(mutexes_lock);
    void insert(MutexWaiter& waiter) REQUIRES(mutexes_lock);
    void remove(MutexWaiter& waiter) REQUIRES(mutexes_lock);
    static void update_priority(ThreadState* state) REQUIRES(mutexes_lock);

    ThreadState* owner_ GUARDED_BY(mutexes_lock) = nullptr;
    std::uint32_t depth_ GUARDED_BY(mutexes_lock) = 0;
    bool closed_ GUARDED_BY(mutexes_lock) = false;
    Waiters waiters_ GUARDED_BY(mutexes_lock); // best first
};

/// The thread ends: what it held passes on. Frees the list.
void release_all_mutexes(ThreadState& state) EXCLUDES(mutexes_lock);
/// The thread's own priority; what it runs at also depends on the mutexes it holds.
void change_base_priority(ThreadState& state, Priority priority) EXCLUDES(mutexes_lock);

} // namespace abi::rtthread

#include "abi/rtthread/thread_end.hpp"

#include "abi/rtthread/calls/semaphore.hpp"
#include "abi/rtthread/new_program.hpp"
#include "abi/rtthread/object/mutex.hpp"
#include "abi/rtthread/object/thread_object.hpp"
#include "memory/address_space.hpp"
#include "memory/user_ptr.hpp"
#include "thread/futex.hpp"

#include <arch/user_copy.hpp>

namespace abi::rtthread {
namespace {

constexpr unsigned max_robust_entries = 2048; // ROBUST_LIST_LIMIT: a list that a program made circular ends here
constexpr std::uint32_t futex_waiters = 0x8000'0000, futex_owner_died = 0x4000'0000, futex_tid = 0x3fff'ffff;

/// struct robust_list_head: the list, the futex's offset from an entry, an entry under change.
struct RobustList {
    std::uint64_t first;
    std::int64_t futex_offset;
    std::uint64_t pending;
};

/// Wakes sleepers of a word, whether they gave it as private or as shared.
void wake(thread::Thread& thread, UserAddr word) {
    thread::futex_wake({thread.address_space, word.value}, 1, thread::any_futex_bit);
    if (const auto place = thread.address_space->shared_place(word.value))
        thread::futex_wake({place->object, place->offset}, 1, thread::any_futex_bit);
}

/// The dead owner's lock says so, and one waiter may have it.
void release_lock(thread::Thread& thread, UserAddr word) {
    std::uint32_t seen = 0;
    if (word.value % sizeof(seen) != 0 || !memory::is_user_range(word.value, sizeof(seen))
        || arch::load_user_word(word.value, &seen) != 0)
        return;
    while ((seen & futex_tid) == thread.id) {
        const int outcome =
            arch::compare_exchange_user_word(word.value, &seen, (seen & futex_waiters) | futex_owner_died);
        if (outcome < 0)
            return;
        if (outcome == 0)
            continue; // somebody changed it: seen is its new value
        if (seen & futex_waiters)
            wake(thread, word);
        return;
    }
}

void release_robust_locks(thread::Thread& thread, UserAddr head_address) {
    const auto head = memory::UserPtr<const RobustList>(head_address).read();
    if (!head)
        return;
    const auto offset = static_cast<std::uintptr_t>(head->futex_offset);
    const UserAddr pending{head->pending & ~std::uint64_t{1}};
    UserAddr entry{head->first & ~std::uint64_t{1}};
    for (unsigned i = 0; i < max_robust_entries && entry != head_address; ++i) {
        const auto next = memory::UserPtr<const std::uint64_t>(entry).read();
        if (entry != pending)
            release_lock(thread, entry + offset);
        if (!next)
            return;
        entry = {*next & ~std::uint64_t{1}};
    }
    if (pending.value != 0)
        release_lock(thread, pending + offset);
}

bool is_last_user(thread::Thread& thread) {
    SpinlockGuard guard(process::tree_lock);
    return thread.process->thread_count == 1 && thread.address_space->reference_count() == 1;
}

void clear_tid(thread::Thread& thread, UserAddr address) {
    const std::int32_t zero = 0;
    if (address.value != 0 && !is_last_user(thread) && memory::copy_out(address, &zero, sizeof(zero)))
        wake(thread, address);
}

} // namespace

void end_thread(thread::Thread& thread) {
    ThreadState& state = state_of(thread);
    state.new_program.reset();
    leave_critical_section(thread);
    release_all_mutexes(state);
    if (const Ref<ThreadObject> object = std::exchange(state.object, {});
        object && object->handle != 0 && state.process)
        static_cast<void>(state.process->handles.remove(object->handle, Object::Kind::thread));
    state.process.reset();
    const UserAddr robust = std::exchange(state.robust_list, {}), tid = std::exchange(state.clear_child_tid, {});
    if (!thread.address_space)
        return;
    if (robust.value != 0)
        release_robust_locks(thread, robust);
    clear_tid(thread, tid);
    if (state.stack != 0)
        static_cast<void>(thread.address_space->unmap(std::exchange(state.stack, 0), state.stack_bytes));
}

} // namespace abi::rtthread

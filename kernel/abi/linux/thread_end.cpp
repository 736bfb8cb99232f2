#include "abi/linux/thread_end.hpp"

#include "abi/linux/thread_state.hpp"
#include "memory/address_space.hpp"
#include "memory/user_ptr.hpp"
#include "process/process.hpp"
#include "thread/futex.hpp"

#include <arch/user_copy.hpp>
#include <linux/futex.h>

namespace abi::linux {
namespace {

constexpr unsigned max_robust_entries = 2048; // ROBUST_LIST_LIMIT: a list that a program made circular ends here

/// Wakes sleepers of a word, whether they gave it as private or as shared.
void wake(thread::Thread& thread, UserAddr word) {
    thread::futex_wake({thread.address_space, word.value}, 1, thread::any_futex_bit);
    if (const auto place = thread.address_space->shared_place(word.value))
        thread::futex_wake({place->object, place->offset}, 1, thread::any_futex_bit);
}

/// The dead owner's lock says so, and one waiter may have it.
void release_lock(thread::Thread& thread, UserAddr word) {
    if (word.value % sizeof(std::uint32_t) != 0 || !memory::is_user_range(word.value, sizeof(std::uint32_t)))
        return;
    std::uint32_t seen = 0;
    if (arch::load_user_word(word.value, &seen) != 0)
        return;
    while ((seen & FUTEX_TID_MASK) == thread.id) {
        const std::uint32_t dead = (seen & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
        const int outcome = arch::compare_exchange_user_word(word.value, &seen, dead);
        if (outcome < 0)
            return;
        if (outcome == 0)
            continue; // somebody changed it: seen is its new value
        if (seen & FUTEX_WAITERS)
            wake(thread, word);
        return;
    }
}

/// An entry's address; the lowest bit marks priority inheritance, which changes nothing here.
UserAddr entry_of(const struct robust_list* pointer) {
    return {reinterpret_cast<std::uintptr_t>(pointer) & ~std::uintptr_t{1}};
}

void release_robust_locks(thread::Thread& thread, UserAddr head_address) {
    const auto head = memory::UserPtr<const struct robust_list_head>(head_address).read();
    if (!head)
        return;
    const auto offset = static_cast<std::uintptr_t>(head->futex_offset);
    const UserAddr pending = entry_of(head->list_op_pending);
    UserAddr entry = entry_of(head->list.next);
    for (unsigned i = 0; i < max_robust_entries && entry != head_address; ++i) {
        const auto next = memory::UserPtr<const struct robust_list>(entry).read();
        if (entry != pending)
            release_lock(thread, entry + offset);
        if (!next)
            return;
        entry = entry_of(next->next);
    }
    if (pending.value != 0)
        release_lock(thread, pending + offset);
}

/// Nobody is left who could see the memory.
bool is_last_user(thread::Thread& thread) {
    SpinlockGuard guard(process::tree_lock);
    return thread.process->thread_count == 1 && thread.address_space->reference_count() == 1;
}

} // namespace

void end_thread(thread::Thread& thread) {
    ThreadState& state = state_of(thread);
    const UserAddr robust = std::exchange(state.robust_list, {}), tid = std::exchange(state.clear_child_tid, {});
    if (!thread.address_space)
        return;
    if (robust.value != 0)
        release_robust_locks(thread, robust);
    if (tid.value == 0 || is_last_user(thread))
        return;
    const std::int32_t zero = 0;
    if (memory::copy_out(tid, &zero, sizeof(zero)))
        wake(thread, tid);
}

} // namespace abi::linux

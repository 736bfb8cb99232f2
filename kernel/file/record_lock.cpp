#include "file/record_lock.hpp"

#include "thread/wait_queue.hpp"

#include <new>

namespace file {

/// One lock. All of a file hang at its inode; files with locks are few and have few.
struct RecordLock {
    LockOwner owner;
    LockKind kind;
    LockRange range;
    bool whole; // flock's
    RecordLock* next;
};

namespace {

Spinlock lock;                // over all lists
thread::WaitQueue lock_freed; // condition's lock: `lock`

bool overlaps(LockRange a, LockRange b) {
    return a.start < b.end && b.start < a.end;
}

/// A POSIX lock that a process waits for, to find circles.
struct Waiter {
    std::int32_t process;
    std::int32_t blocker;
    Waiter* next;
};
Waiter* waiters GUARDED_BY(lock) = nullptr;

bool would_deadlock(std::int32_t process, std::int32_t blocker) REQUIRES(lock) {
    for (unsigned steps = 0; steps < 64; ++steps) {
        if (blocker == process)
            return true;
        Waiter* next = waiters;
        while (next && next->process != blocker)
            next = next->next;
        if (!next)
            return false;
        blocker = next->blocker;
    }
    return false;
}

} // namespace

/// What the functions below do to an inode's list; a friend of Inode.
class RecordLocks {
public:
    static RecordLock*& list(Inode& inode) { return inode.record_locks_; }

    static const RecordLock* conflict(Inode& inode, const LockOwner& owner, LockKind kind, LockRange range, bool whole)
        REQUIRES(lock) {
        for (const RecordLock* at = list(inode); at; at = at->next)
            if (at->whole == whole && !at->owner.is_same(owner) && overlaps(at->range, range)
                && (kind == LockKind::exclusive || at->kind == LockKind::exclusive))
                return at;
        return nullptr;
    }

    /// Cuts the owner's locks out of the range. `spare` is used when one is split in two.
    static void
    cut(Inode& inode, const LockOwner& owner, LockRange range, bool whole, RecordLock*& spare, RecordLock*& freed)
        REQUIRES(lock) {
        RecordLock** at = &list(inode);
        while (*at) {
            RecordLock& one = **at;
            if (one.whole != whole || !one.owner.is_same(owner) || !overlaps(one.range, range)) {
                at = &one.next;
                continue;
            }
            bool left = one.range.start < range.start;
            bool right = one.range.end > range.end;
            if (left && right) {
                RecordLock* second = std::exchange(spare, nullptr);
                *second = {one.owner, one.kind, {range.end, one.range.end}, whole, one.next};
                one.range.end = range.start;
                one.next = second;
                at = &second->next;
            } else if (left) {
                one.range.end = range.start;
                at = &one.next;
            } else if (right) {
                one.range.start = range.end;
                at = &one.next;
            } else {
                *at = one.next;
                one.next = freed;
                freed = &one;
            }
        }
    }

    static void drop(Inode& inode, auto matches) {
        RecordLock* freed = nullptr;
        {
            SpinlockGuard guard(lock);
            RecordLock** at = &list(inode);
            while (*at) {
                if (!matches(**at)) {
                    at = &(*at)->next;
                    continue;
                }
                RecordLock* gone = *at;
                *at = gone->next;
                gone->next = freed;
                freed = gone;
            }
            if (freed)
                lock_freed.wake_all();
        }
        free_list(freed);
    }

    static void free_list(RecordLock* freed) {
        while (freed)
            delete std::exchange(freed, freed->next);
    }
};

namespace {

Result<> wait_for_conflict(const LockOwner& owner, const RecordLock& blocker) REQUIRES(lock) {
    bool by_process = !owner.open_file && !blocker.owner.open_file;
    if (!by_process)
        return lock_freed.wait(lock);
    if (would_deadlock(owner.process, blocker.owner.process))
        return fail(Error::deadlock);
    Waiter self{owner.process, blocker.owner.process, waiters};
    waiters = &self;
    auto waited = lock_freed.wait(lock);
    Waiter** at = &waiters;
    while (*at != &self)
        at = &(*at)->next;
    *at = self.next;
    return waited;
}

Result<> set(Inode& inode, const LockOwner& owner, LockKind kind, LockRange range, bool whole, bool waits) {
    // A lock and, should an older one be split, its second half.
    RecordLock* fresh = new (std::nothrow) RecordLock;
    RecordLock* spare = new (std::nothrow) RecordLock;
    RecordLock* freed = nullptr;
    Result<> result;
    if (!fresh || !spare)
        result = fail(Error::no_memory);
    else {
        SpinlockGuard guard(lock);
        while (result && kind != LockKind::none) {
            const RecordLock* blocker = RecordLocks::conflict(inode, owner, kind, range, whole);
            if (!blocker)
                break;
            result = waits ? wait_for_conflict(owner, *blocker) : fail(Error::would_block);
        }
        if (result) {
            RecordLocks::cut(inode, owner, range, whole, spare, freed);
            if (kind != LockKind::none) {
                RecordLock*& list = RecordLocks::list(inode);
                *fresh = {owner, kind, range, whole, list};
                list = std::exchange(fresh, nullptr);
            }
            lock_freed.wake_all();
        }
    }
    delete fresh;
    delete spare;
    RecordLocks::free_list(freed);
    return result;
}

constexpr LockRange everything{0, INT64_MAX};

} // namespace

std::optional<FoundLock> find_conflict(Inode& inode, const LockOwner& owner, LockKind kind, LockRange range) {
    SpinlockGuard guard(lock);
    const RecordLock* found = RecordLocks::conflict(inode, owner, kind, range, false);
    if (!found)
        return {};
    return FoundLock{found->owner, found->kind, found->range};
}

Result<> set_lock(Inode& inode, const LockOwner& owner, LockKind kind, LockRange range, bool waits) {
    return set(inode, owner, kind, range, false, waits);
}

Result<> set_whole_lock(Inode& inode, const OpenFile& owner, LockKind kind, bool waits) {
    return set(inode, {0, &owner}, kind, everything, true, waits);
}

void drop_process_locks(Inode& inode, std::int32_t process) {
    if (!RecordLocks::list(inode))
        return;
    RecordLocks::drop(
        inode, [&](const RecordLock& one) { return !one.owner.open_file && one.owner.process == process; });
}

void drop_file_locks(Inode& inode, const OpenFile& owner) {
    if (!RecordLocks::list(inode))
        return;
    RecordLocks::drop(inode, [&](const RecordLock& one) { return one.owner.open_file == &owner; });
}

} // namespace file

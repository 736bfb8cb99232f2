#pragma once
// A set of files that one waits for again and again (epoll). An entry goes when it is removed, or with its open file
// description.

#include "file/open_file.hpp"

namespace file {

struct WatchEntry;

/// What is asked for, and what comes back.
struct Watch {
    std::uint32_t events = 0; // Event bits; errors and hang-ups are always reported
    bool edge = false;        // only when something happened since the last report
    bool one_shot = false;    // reported once, then silent until it is changed
    std::uint64_t data = 0;   // the program's
};

class WatchSet final : public AnonymousFile {
public:
    /// Errors: no_memory.
    static Result<Ref<WatchSet>> create();
    ~WatchSet() override;

    /// Errors: exists, no_memory, invalid_argument (this set itself), too_many_links (sets that watch each other, or
    /// too deep a nest), not_permitted (a file that is always ready: regular files and directories).
    Result<> add(OpenFile& watched, std::int32_t descriptor, const Watch& watch);
    /// Errors: not_found.
    Result<> change(OpenFile& watched, std::int32_t descriptor, const Watch& watch);
    Result<> remove(OpenFile& watched, std::int32_t descriptor);

    /// Waits until something is ready, fills in what is (events: what holds of what was asked for) and returns how
    /// many; 0 at the deadline. A deadline of 0 does not wait. Errors: restart, no_memory.
    Result<std::size_t> wait(std::span<Watch> to, thread::Time deadline);

    std::uint32_t poll(Poller* poller) override;
    WatchSet* watch_set() override { return this; }

private:
    friend struct WatchEntry;
    friend void forget_watches(OpenFile& gone);

    WatchSet() : AnonymousFile(Positioning::stream, open_read | open_write, "[eventpoll]") {}
    WatchEntry* find(const OpenFile& watched, std::int32_t descriptor) REQUIRES(lock_);
    void unlink(WatchEntry& entry) REQUIRES(lock_);
    std::size_t collect(std::span<Watch> to) REQUIRES(lock_);
    bool reaches(const WatchSet& target, unsigned depth);

    // Order: the lock over all links between sets and files, then this, then that of a set that is watched.
    thread::Mutex lock_;
    WatchEntry* entries_ GUARDED_BY(lock_) = nullptr;
    Spinlock sleep_lock_;
    thread::WaitQueue changed_;
    std::uint64_t changes_ GUARDED_BY(sleep_lock_) = 0;
};

/// Called when an open file goes that sets may watch.
void forget_watches(OpenFile& gone);

} // namespace file

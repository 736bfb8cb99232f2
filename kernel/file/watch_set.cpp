#include "file/watch_set.hpp"

#include <new>

namespace file {

namespace {

thread::Mutex links; // over OpenFile::watches of all files
constexpr unsigned deepest_nest = 5;
constexpr std::uint32_t always = event_error | event_hang_up;

} // namespace

struct WatchEntry {
    WatchEntry(WatchSet& of, OpenFile& file, std::int32_t fd, const Watch& what)
        : set(of), watched(file), descriptor(fd), watch(what), poller(*this) {}

    struct EntryPoller : Poller {
        explicit EntryPoller(WatchEntry& of) : Poller(report), entry(of) {}
        WatchEntry& entry;
    };
    static void report(Poller& poller) {
        WatchEntry& entry = static_cast<EntryPoller&>(poller).entry;
        entry.happened.store(true, std::memory_order_release);
        SpinlockGuard guard(entry.set.sleep_lock_);
        ++entry.set.changes_;
        entry.set.changed_.wake_all();
    }

    WatchSet& set;
    OpenFile& watched; // without a reference: the entry goes before it
    const std::int32_t descriptor;
    Watch watch;
    bool silent = false; // one-shot, and reported
    std::atomic<bool> happened{true};
    WatchEntry* next_in_set = nullptr;
    WatchEntry* next_of_file = nullptr;
    EntryPoller poller;
};

Result<Ref<WatchSet>> WatchSet::create() {
    auto made = Ref<WatchSet>::adopt(new (std::nothrow) WatchSet);
    if (!made)
        return fail(Error::no_memory);
    return made;
}

WatchSet::~WatchSet() {
    thread::MutexGuard all(links);
    thread::MutexGuard guard(lock_);
    while (entries_)
        unlink(*entries_);
}

WatchEntry* WatchSet::find(const OpenFile& watched, std::int32_t descriptor) {
    for (WatchEntry* entry = entries_; entry; entry = entry->next_in_set)
        if (&entry->watched == &watched && entry->descriptor == descriptor)
            return entry;
    return nullptr;
}

/// Takes an entry out of both lists and frees it. The lock over the links is held.
void WatchSet::unlink(WatchEntry& entry) {
    WatchEntry** at = &entries_;
    while (*at != &entry)
        at = &(*at)->next_in_set;
    *at = entry.next_in_set;
    at = &entry.watched.watches;
    while (*at != &entry)
        at = &(*at)->next_of_file;
    *at = entry.next_of_file;
    delete &entry;
}

bool WatchSet::reaches(const WatchSet& target, unsigned depth) {
    if (this == &target || depth > deepest_nest)
        return true;
    thread::MutexGuard guard(lock_);
    for (WatchEntry* entry = entries_; entry; entry = entry->next_in_set)
        if (WatchSet* next = entry->watched.watch_set(); next && next->reaches(target, depth + 1))
            return true;
    return false;
}

Result<> WatchSet::add(OpenFile& watched, std::int32_t descriptor, const Watch& watch) {
    if (&watched == this)
        return fail(Error::invalid_argument);
    Inode* inode = watched.inode();
    if (inode && (inode->is_regular() || inode->is_directory()))
        return fail(Error::not_permitted);
    thread::MutexGuard all(links);
    if (WatchSet* other = watched.watch_set(); other && other->reaches(*this, 1))
        return fail(Error::too_many_links);
    thread::MutexGuard guard(lock_);
    if (find(watched, descriptor))
        return fail(Error::exists);
    auto* entry = new (std::nothrow) WatchEntry(*this, watched, descriptor, watch);
    if (!entry)
        return fail(Error::no_memory);
    entry->next_in_set = entries_;
    entries_ = entry;
    entry->next_of_file = watched.watches;
    watched.watches = entry;
    watched.poll(&entry->poller);
    WatchEntry::report(entry->poller); // it may be ready already, and somebody waiting
    return {};
}

Result<> WatchSet::change(OpenFile& watched, std::int32_t descriptor, const Watch& watch) {
    thread::MutexGuard guard(lock_);
    WatchEntry* entry = find(watched, descriptor);
    if (!entry)
        return fail(Error::not_found);
    entry->watch = watch;
    entry->silent = false;
    WatchEntry::report(entry->poller);
    return {};
}

Result<> WatchSet::remove(OpenFile& watched, std::int32_t descriptor) {
    thread::MutexGuard all(links);
    thread::MutexGuard guard(lock_);
    WatchEntry* entry = find(watched, descriptor);
    if (!entry)
        return fail(Error::not_found);
    unlink(*entry);
    return {};
}

std::size_t WatchSet::collect(std::span<Watch> to) {
    std::size_t found = 0;
    for (WatchEntry* entry = entries_; entry && found < to.size(); entry = entry->next_in_set) {
        if (entry->silent)
            continue;
        // Taken back before the look, so that what happens behind it counts for the next time.
        bool happened = entry->happened.exchange(false, std::memory_order_acq_rel);
        if (entry->watch.edge && !happened)
            continue;
        std::uint32_t events = entry->watched.poll(nullptr) & (entry->watch.events | always);
        if (!events)
            continue;
        to[found] = entry->watch;
        to[found++].events = events;
        entry->silent = entry->watch.one_shot;
    }
    return found;
}

Result<std::size_t> WatchSet::wait(std::span<Watch> to, thread::Time deadline) {
    for (;;) {
        std::uint64_t seen;
        {
            SpinlockGuard guard(sleep_lock_);
            seen = changes_;
        }
        {
            thread::MutexGuard guard(lock_);
            std::size_t found = collect(to);
            if (found || deadline == 0)
                return found;
        }
        SpinlockGuard guard(sleep_lock_);
        while (changes_ == seen) {
            auto waited = changed_.wait(sleep_lock_, deadline);
            if (!waited && waited.error() == Error::timed_out)
                return std::size_t{0};
            TRY(waited);
        }
    }
}

std::uint32_t WatchSet::poll(Poller* poller) {
    if (poller)
        poller->listen(changed_);
    thread::MutexGuard guard(lock_);
    for (WatchEntry* entry = entries_; entry; entry = entry->next_in_set) {
        if (entry->silent || (entry->watch.edge && !entry->happened.load(std::memory_order_acquire)))
            continue;
        if (entry->watched.poll(nullptr) & (entry->watch.events | always))
            return event_readable;
    }
    return 0;
}

void forget_watches(OpenFile& gone) {
    thread::MutexGuard all(links);
    while (gone.watches) {
        WatchEntry& entry = *gone.watches;
        WatchSet& set = entry.set;
        thread::MutexGuard guard(set.lock_);
        set.unlink(entry);
    }
}

void destroy(OpenFile* file) {
    if (file->watches)
        forget_watches(*file);
    delete file;
}

} // namespace file

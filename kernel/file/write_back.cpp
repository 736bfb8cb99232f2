#include "file/write_back.hpp"

#include "file/tree.hpp"
#include "thread/wait_queue.hpp"

namespace file {

namespace {

/// How long a change may be in memory only. Many operations share one commit.
constexpr thread::Time delay = 250'000'000;
/// Until a disk that failed is tried again.
constexpr thread::Time pause = 5'000'000'000;

Spinlock lock;
bool unwritten GUARDED_BY(lock) = false;
[[clang::no_destroy]] thread::WaitQueue work;

/// The file system of the mount with the lowest id that is at least `id`, which becomes the one behind it.
Ref<FileSystem> next_file_system(std::uint32_t& id) {
    thread::MutexGuard guard(tree_lock());
    Mount* found = nullptr;
    for (Mount& mounted : all_mounts())
        if (mounted.id >= id && (!found || mounted.id < found->id))
            found = &mounted;
    if (!found)
        return {};
    id = found->id + 1;
    return found->file_system;
}

void write_back(void*) {
    for (;;) {
        {
            SpinlockGuard guard(lock);
            while (!unwritten)
                work.wait_uninterruptible(lock);
        }
        (void)thread::sleep_until(thread::now() + delay);
        {
            SpinlockGuard guard(lock);
            unwritten = false;
        }
        if (!sync_all()) { // the file system has said what is wrong
            (void)thread::sleep_until(thread::now() + pause);
            note_unwritten();
        }
    }
}

} // namespace

void note_unwritten() {
    SpinlockGuard guard(lock);
    if (unwritten)
        return;
    unwritten = true;
    work.wake_one();
}

Result<> sync_all() {
    Result<> all;
    std::uint32_t id = 0;
    while (const Ref<FileSystem> next = next_file_system(id))
        if (auto done = next->sync(); !done && all)
            all = done;
    return all;
}

Result<> start_write_back() {
    const Ref<thread::Thread> made = TRY(thread::create_kernel_thread("write-back", write_back, nullptr));
    thread::start(*made);
    return {};
}

} // namespace file

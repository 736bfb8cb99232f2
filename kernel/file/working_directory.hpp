#pragma once
// Where a process stands in the tree: its root, its working directory, and its umask. Shareable (CLONE_FS).

#include "file/tree.hpp"

namespace file {

class WorkingDirectory final : public RefCounted<WorkingDirectory> {
public:
    /// Errors: no_memory.
    static Result<Ref<WorkingDirectory>> create(Path root, Path current, Mode umask);
    /// A copy that changes on its own. Errors: no_memory.
    Result<Ref<WorkingDirectory>> clone() const EXCLUDES(lock_);

    Path root() const EXCLUDES(lock_);
    Path current() const EXCLUDES(lock_);
    Mode umask() const { return umask_.load(std::memory_order_relaxed); }

    /// Neither checks anything: the caller looked the path up.
    void set_root(Path root) EXCLUDES(lock_);
    void set_current(Path current) EXCLUDES(lock_);
    /// Returns the old one.
    Mode set_umask(Mode umask) { return umask_.exchange(umask & 0777, std::memory_order_relaxed); }

private:
    WorkingDirectory(Path root, Path current, Mode umask)
        : root_(std::move(root)), current_(std::move(current)), umask_(umask) {}

    mutable Spinlock lock_;
    Path root_ GUARDED_BY(lock_);
    Path current_ GUARDED_BY(lock_);
    std::atomic<Mode> umask_;
};

} // namespace file

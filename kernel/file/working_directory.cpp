#include "file/working_directory.hpp"

namespace file {

Result<Ref<WorkingDirectory>> WorkingDirectory::create(Path root, Path current, Mode umask) {
    auto* place = new (std::nothrow) WorkingDirectory(std::move(root), std::move(current), umask);
    if (!place)
        return fail(Error::no_memory);
    return Ref<WorkingDirectory>::adopt(place);
}

Result<Ref<WorkingDirectory>> WorkingDirectory::clone() const {
    return create(root(), current(), umask());
}

Path WorkingDirectory::root() const {
    SpinlockGuard guard(lock_);
    return root_;
}

Path WorkingDirectory::current() const {
    SpinlockGuard guard(lock_);
    return current_;
}

void WorkingDirectory::set_root(Path root) {
    // The former path goes when `root` does, with the lock no longer held: dropping an entry may free much.
    SpinlockGuard guard(lock_);
    std::swap(root_, root);
}

void WorkingDirectory::set_current(Path current) {
    SpinlockGuard guard(lock_);
    std::swap(current_, current);
}

} // namespace file

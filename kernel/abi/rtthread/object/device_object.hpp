#pragma once
// A device as device_find() gives it: a name below /dev, and the file while it is open.

#include "abi/rtthread/object/object.hpp"
#include "file/open_file.hpp"

namespace abi::rtthread {

class DeviceObject final : public Object {
public:
    static constexpr Kind object_kind = Kind::device;

    DeviceObject(std::string_view name, file::Path found) : Object(object_kind, name), path(std::move(found)) {}

    const file::Path path;

    /// Null: not open.
    Ref<file::OpenFile> opened() EXCLUDES(lock_) {
        SpinlockGuard guard(lock_);
        return file_;
    }
    /// One more user of the device; the first one's file stays.
    void open(Ref<file::OpenFile> file) EXCLUDES(lock_) {
        SpinlockGuard guard(lock_);
        if (users_++ == 0)
            std::swap(file_, file);
    }
    /// False: nobody has it open.
    bool release() EXCLUDES(lock_) {
        Ref<file::OpenFile> gone;
        SpinlockGuard guard(lock_);
        if (users_ == 0)
            return false;
        if (--users_ == 0)
            std::swap(file_, gone);
        return true;
    }

private:
    Spinlock lock_;
    Ref<file::OpenFile> file_ GUARDED_BY(lock_);
    unsigned users_ GUARDED_BY(lock_) = 0;
};

} // namespace abi::rtthread

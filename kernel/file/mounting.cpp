#include "file/mounting.hpp"

#include "file/devfs.hpp"
#include "file/procfs.hpp"
#include "file/ramfs.hpp"
#include "memory/frame.hpp"

namespace file {

Result<> mount_by_name(std::string_view type, const Path& at, std::uint32_t flags, std::string_view source) {
    if (type == "proc") {
        Ref<FileSystem> made = TRY(create_procfs());
        return mount(std::move(made), at, flags, source);
    }
    if (type == "devtmpfs") {
        // There is one /dev; a second mount shows the same.
        Path devices = devfs_root();
        return devices ? bind(devices, at, flags) : fail(Error::no_device);
    }
    bool keeps_data = type == "tmpfs" || type == "ramfs";
    if (!keeps_data && type != "sysfs")
        return fail(Error::no_device);
    std::uint64_t limit = keeps_data ? memory::total_frame_count() / 2 : 0;
    const char* name = type == "tmpfs" ? "tmpfs" : type == "ramfs" ? "ramfs" : "sysfs";
    Ref<FileSystem> made = TRY(RamFileSystem::create(name, keeps_data ? 01777 : 0555, limit));
    return mount(std::move(made), at, flags, source);
}

} // namespace file

#include "file/mounting.hpp"

#include "device/block_device.hpp"
#include "file/devfs.hpp"
#include "file/procfs.hpp"
#include "file/ramfs.hpp"
#include "file/xv6fs.hpp"
#include "lib/format.hpp"
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
    if (type == "xv6fs") {
        // "/dev/vda" and "vda" name the same disk.
        const std::size_t slash = source.rfind('/');
        device::BlockDevice* disk =
            device::find_block_device(slash == std::string_view::npos ? source : source.substr(slash + 1));
        return disk ? mount_disk(*disk, at, flags) : fail(Error::not_found);
    }
    bool keeps_data = type == "tmpfs" || type == "ramfs";
    if (!keeps_data && type != "sysfs")
        return fail(Error::no_device);
    std::uint64_t limit = keeps_data ? memory::total_frame_count() / 2 : 0;
    const char* name = type == "tmpfs" ? "tmpfs" : type == "ramfs" ? "ramfs" : "sysfs";
    Ref<FileSystem> made = TRY(RamFileSystem::create(name, keeps_data ? 01777 : 0555, limit));
    return mount(std::move(made), at, flags, source);
}

Result<> mount_disk(device::BlockDevice& disk, const Path& at, std::uint32_t flags) {
    Ref<FileSystem> made = TRY(open_xv6fs(disk));
    char source[sizeof(Mount::source)];
    const std::size_t length = format::print(source, "/dev/{}", disk.name());
    return mount(std::move(made), at, flags | (disk.is_read_only() ? mount_read_only : 0), {source, length});
}

} // namespace file

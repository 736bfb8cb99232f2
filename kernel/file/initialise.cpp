#include "file/initialise.hpp"

#include "boot/boot_info.hpp"
#include "device/block_device.hpp"
#include "file/devfs.hpp"
#include "file/load_average.hpp"
#include "file/memory_file.hpp"
#include "file/mounting.hpp"
#include "file/operations.hpp"
#include "file/procfs.hpp"
#include "file/ramfs.hpp"
#include "file/unpack.hpp"
#include "file/write_back.hpp"
#include "lib/log.hpp"
#include "memory/frame.hpp"

#include <arch/page_table.hpp>

namespace file {

namespace {

Result<> unpack_initrd(const boot::MemoryRegion& initrd) {
    std::uint64_t first = align_down(initrd.start.value, page_size);
    std::uint64_t end = align_up(initrd.start.value + initrd.size, page_size);
    memory::adopt_reserved_frames(PhysAddr{first}, end - first);
    std::span archive(arch::phys_to_virt<const std::byte>(initrd.start), static_cast<std::size_t>(initrd.size));
    auto unpacked = unpack_cpio(archive, tree_root(), true);
    for (std::uint64_t at = first; at < end; at += page_size)
        memory::release_frame(PhysAddr{at});
    return unpacked;
}

/// The machine's disk at /xv6. One that holds no file system of ours is a case for the first process to tell.
Result<> mount_first_disk(const Walk& walk, device::BlockDevice& disk) {
    TRY(start_write_back());
    if (auto made = make_directory(walk, "xv6", 0755); !made && made.error() != Error::exists)
        return made;
    const Path at = TRY(look_up_directory(walk, "xv6"));
    return mount_disk(disk, at, 0);
}

Result<> mount_at(const Walk& walk, std::string_view name, Ref<FileSystem> file_system, std::string_view source) {
    if (auto made = make_directory(walk, name, 0755); !made && made.error() != Error::exists)
        return made;
    Path at = TRY(look_up_directory(walk, name));
    return mount(std::move(file_system), at, 0, source);
}

} // namespace

Result<> initialise(boot::BootInfo& info) {
    Ref<RamFileSystem> root = TRY(RamFileSystem::create("rootfs", 0755, memory::total_frame_count() / 2));
    TRY(initialise_tree(root));
    if (info.initrd.size != 0)
        info.root = unpack_initrd(info.initrd);
    else
        klog::warning("no initrd: the root is empty");

    TRY(initialise_memory_files());
    Ref<WorkingDirectory> place = TRY(WorkingDirectory::create(tree_root(), tree_root(), 0));
    Identity kernel{};
    Walk walk{.place = *place, .start = nullptr, .who = kernel};
    Ref<FileSystem> devices = TRY(create_devfs());
    TRY(mount_at(walk, "dev", std::move(devices), "devtmpfs"));
    TRY(fill_devfs(walk));
    Ref<FileSystem> processes = TRY(create_procfs());
    TRY(mount_at(walk, "proc", std::move(processes), "proc"));
    if (device::BlockDevice* disk = device::first_block_device()) {
        info.disk = mount_first_disk(walk, *disk);
        if (!info.disk)
            klog::warning("disk {}: {}", disk->name(), info.disk.error());
    }
    start_load_average();
    return {};
}

} // namespace file

#include "file/disk_file.hpp"

#include "device/block_device.hpp"
#include "file/device_file.hpp"
#include "lib/format.hpp"
#include "memory/frame_view.hpp"

#include <arch/page_table.hpp>
#include <cstring>
#include <new>

namespace file {

namespace {

using device::BlockDevice;
using device::sector_bytes;

// Linux gives virtio disks a number that is free, 254 where nothing else has it, and 16 minors each (devices.txt: 240
// to 254 are for local use).
constexpr std::uint32_t disk_major = 254, minors_per_disk = 16, most_disks = 26;

/// Parts of sectors are read, changed and written: one at a time.
[[clang::no_destroy]] thread::Mutex partial_write_lock;

using Buffer = memory::FrameView;

/// The bytes of a disk that one step moves: within one page of it, with the sectors around them.
struct Step {
    std::uint64_t offset;
    std::size_t bytes;

    Step(std::uint64_t at, std::size_t wanted, std::uint64_t end) : offset(at), bytes(page_size - at % page_size) {
        bytes = bytes < wanted ? bytes : wanted;
        bytes = bytes < end - at ? bytes : static_cast<std::size_t>(end - at);
    }
    std::size_t in_sector() const { return offset % sector_bytes; }
    bool is_whole() const { return in_sector() == 0 && bytes % sector_bytes == 0; }
    device::BlockTransfer transfer(const Buffer& buffer) const {
        return {
            .sector = offset / sector_bytes,
            .memory = arch::virt_to_phys(buffer.data()),
            .bytes = static_cast<std::uint32_t>(align_up(in_sector() + bytes, sector_bytes))};
    }
};

Result<> read_sectors(BlockDevice& disk, const Step& step, const Buffer& into) {
    const device::BlockTransfer piece = step.transfer(into);
    return disk.read({&piece, 1});
}

Result<> write_sectors(BlockDevice& disk, const Step& step, const Buffer& from) {
    const device::BlockTransfer piece = step.transfer(from);
    return disk.write({&piece, 1});
}

/// `given` begins with the step's bytes.
Result<> write_part(BlockDevice& disk, const Step& step, const Buffer& given) {
    const Buffer whole(TRY(memory::allocate_frame()));
    thread::MutexGuard guard(partial_write_lock);
    TRY(read_sectors(disk, step, whole));
    std::memcpy(whole.data() + step.in_sector(), given.data(), step.bytes);
    return write_sectors(disk, step, whole);
}

class DiskFile final : public OpenFile {
public:
    static Result<Ref<OpenFile>> create(BlockDevice& disk, const Path& path, std::uint32_t flags) {
        if ((flags & open_write) && disk.is_read_only())
            return fail(Error::read_only);
        device::DiskClaim claim = flags & open_write
                                      ? TRY(device::DiskClaim::make(disk, device::DiskClaim::Kind::writer))
                                      : device::DiskClaim();
        auto* made = new (std::nothrow) DiskFile(disk, std::move(claim), flags);
        if (!made)
            return fail(Error::no_memory);
        made->path = path;
        return Ref<OpenFile>::adopt(made);
    }

    /// The node's size is 0; the disk's own counts.
    Result<std::uint64_t> seek(std::int64_t offset, Whence whence) override {
        if (whence != Whence::end)
            return OpenFile::seek(offset, whence);
        std::int64_t sum;
        if (__builtin_add_overflow(static_cast<std::int64_t>(size()), offset, &sum))
            return fail(Error::overflow);
        return OpenFile::seek(sum, Whence::start);
    }
    Result<> sync() override { return can_write() ? disk_.flush() : Result<>{}; }
    device::BlockDevice* disk() override { return &disk_; }

protected:
    Result<std::size_t> do_read(std::uint64_t offset, Sink& to) override;
    Result<std::size_t> do_write(std::uint64_t& offset, Source& from) override;

private:
    DiskFile(BlockDevice& disk, device::DiskClaim claim, std::uint32_t flags)
        : OpenFile(Positioning::seekable, flags), disk_(disk), claim_(std::move(claim)) {}
    std::uint64_t size() const { return disk_.sectors() * sector_bytes; }
    Result<std::size_t> write_step(std::uint64_t offset, Source& from, const Buffer& buffer);

    BlockDevice& disk_;
    const device::DiskClaim claim_;
};

Result<std::size_t> DiskFile::do_read(std::uint64_t offset, Sink& to) {
    if (offset >= size() || to.remaining() == 0)
        return std::size_t{0};
    const Buffer buffer(TRY(memory::allocate_frame()));
    std::size_t done = 0;
    while (to.remaining() && !to.faulted() && offset + done < size()) {
        const Step step(offset + done, to.remaining(), size());
        if (auto outcome = read_sectors(disk_, step, buffer); !outcome) {
            if (done)
                break;
            return fail(outcome.error());
        }
        done += to.put(buffer.data() + step.in_sector(), step.bytes);
        if (thread::interrupted())
            break;
    }
    if (done == 0 && to.faulted())
        return fail(Error::bad_address);
    return done;
}

Result<std::size_t> DiskFile::write_step(std::uint64_t offset, Source& from, const Buffer& buffer) {
    Step step(offset, from.remaining(), size());
    step.bytes = from.take(buffer.data(), step.bytes);
    if (step.bytes == 0)
        return fail(Error::bad_address);
    TRY(step.is_whole() ? write_sectors(disk_, step, buffer) : write_part(disk_, step, buffer));
    return step.bytes;
}

Result<std::size_t> DiskFile::do_write(std::uint64_t& offset, Source& from) {
    if (from.remaining() == 0)
        return std::size_t{0};
    if (offset >= size())
        return fail(Error::no_space);
    const Buffer buffer(TRY(memory::allocate_frame()));
    std::size_t done = 0;
    while (from.remaining() && offset + done < size()) {
        const auto moved = write_step(offset + done, from, buffer);
        if (!moved && done == 0)
            return fail(moved.error());
        if (!moved)
            break;
        done += *moved;
        if (thread::interrupted())
            break;
    }
    if (flags() & open_synchronous)
        TRY(disk_.flush());
    return done;
}

Result<Ref<OpenFile>> open_disk(DeviceNumber number, const Path& path, std::uint32_t flags) {
    BlockDevice* disk = number.minor % minors_per_disk == 0 ? device::first_block_device() : nullptr;
    for (std::uint32_t left = number.minor / minors_per_disk; disk && left > 0; --left)
        disk = disk->next;
    return disk ? DiskFile::create(*disk, path, flags) : fail(Error::no_device);
}

constinit DeviceKind disks{
    .major = disk_major,
    .first_minor = 0,
    .minors = most_disks * minors_per_disk,
    .open = open_disk,
    .type = Type::block_device};

} // namespace

Result<> make_disk_nodes(const Walk& walk) {
    register_device(disks);
    std::uint32_t minor = 0;
    for (BlockDevice* disk = device::first_block_device(); disk; disk = disk->next, minor += minors_per_disk) {
        char name[32];
        const std::size_t length = format::print(name, "dev/{}", disk->name());
        TRY(make_node(walk, {name, length}, Type::block_device, 0660, {disk_major, minor}));
    }
    return {};
}

} // namespace file

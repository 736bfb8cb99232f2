#include "file/xv6fs/node.hpp"

#include "file/xv6fs/directory.hpp"
#include "file/xv6fs/regular.hpp"

#include <cstring>
#include <new>

namespace file::xv6fs {

namespace {

/// xv6 knows no owners and no permissions: everybody may do everything.
constexpr Mode everything = 0777;

DeviceNumber device_of(const DiskInode& contents) {
    const DeviceNumber number{static_cast<std::uint16_t>(contents.major), static_cast<std::uint16_t>(contents.minor)};
    return number == disk_console ? console : number;
}

bool is_sound(const DiskInode& contents) {
    if (contents.links < 0 || contents.size > max_file_bytes)
        return false;
    switch (contents.type) {
    case DiskType::directory:
        return contents.size % sizeof(DiskEntry) == 0;
    case DiskType::file:
    case DiskType::device:
        return true;
    default:
        return false;
    }
}

constexpr std::uint32_t blocks_of(std::uint32_t bytes) {
    return (bytes + block_bytes - 1) / block_bytes;
}

} // namespace

Node::Node(Xv6FileSystem& file_system, Type type, std::uint32_t number, const DiskInode& contents)
    : Inode(file_system, type, number), disk_(contents) {
    const Timestamp now = wall_clock(); // the disk has no times
    {
        SpinlockGuard guard(attribute_lock_);
        attributes_.mode = everything;
        attributes_.block_size = block_bytes;
        attributes_.accessed = attributes_.modified = attributes_.changed = attributes_.created = now;
        if (type == Type::character_device)
            attributes_.device = device_of(contents);
    }
    thread::MutexGuard guard(lock_);
    show();
}

Result<Ref<Node>> Node::make(Xv6FileSystem& file_system, std::uint32_t number, const DiskInode& contents) {
    if (!is_sound(contents))
        return fail(Error::io);
    Node* made = nullptr;
    if (contents.type == DiskType::directory)
        made = new (std::nothrow) DirectoryNode(file_system, number, contents);
    else if (contents.type == DiskType::file)
        made = new (std::nothrow) RegularNode(file_system, number, contents);
    else
        made = new (std::nothrow) Node(file_system, Type::character_device, number, contents);
    if (!made)
        return fail(Error::no_memory);
    return Ref<Node>::adopt(made);
}

Node::~Node() {
    free_contents();
    volume().forget(*this);
}

Xv6FileSystem& Node::volume() const {
    return static_cast<Xv6FileSystem&>(file_system());
}

/// The last reference is gone: nobody else has the lock.
void Node::free_contents() {
    while (is_orphan()) {
        Operation operation(volume().log(), cut_share());
        if (!operation.begun() || !touch(operation))
            return; // it is freed when the disk is mounted the next time
        thread::MutexGuard guard(lock_);
        const auto cut_all = cut(operation, 0);
        if (!cut_all)
            return;
        if (*cut_all) {
            disk_ = {};
            store(operation);
        }
    }
}

bool Node::is_orphan() {
    thread::MutexGuard guard(lock_);
    return disk_.type != DiskType::free && disk_.links == 0;
}

Result<> Node::change(const AttributeChange& change) {
    // Times are kept while the node is; owners and modes are what they are.
    const Attributes now = attributes();
    const bool other_mode = change.set_mode && (change.mode & mode_mask) != now.mode;
    const bool other_owner =
        (change.set_user && change.user != now.user) || (change.set_group && change.group != now.group);
    if (other_mode || other_owner)
        return fail(Error::not_permitted);
    return Inode::change(change);
}

std::int16_t Node::disk_links() {
    thread::MutexGuard guard(lock_);
    return disk_.links;
}

void Node::change_links(Operation& operation, int difference) {
    thread::MutexGuard guard(lock_);
    const int links = disk_.links + difference;
    disk_.links = static_cast<std::int16_t>(links < 0 ? 0 : links);
    store(operation);
}

void Node::give_up(Operation& operation) {
    thread::MutexGuard guard(lock_);
    (void)cut(operation, 0); // all that it has is in this operation
    disk_ = {};
    store(operation);
}

void Node::show() {
    SpinlockGuard guard(attribute_lock_);
    attributes_.links = static_cast<std::uint32_t>(disk_.links);
    attributes_.size = disk_.size;
    attributes_.blocks = std::uint64_t{blocks_of(disk_.size)} * (block_bytes / 512);
}

void Node::store(Operation& operation) {
    volume().write_inode(operation, disk_number(), disk_);
    show();
}

// The map of blocks

Result<std::uint32_t> Node::block_at(std::uint32_t index) {
    std::uint32_t number = 0;
    if (index < direct_blocks) {
        number = disk_.blocks[index];
    } else if (index < max_file_blocks && disk_.indirect != 0) {
        if (!volume().layout().is_data(disk_.indirect))
            return fail(Error::io);
        const BlockRef map = TRY(volume().cache().read(disk_.indirect));
        number = map.at<std::uint32_t>((index - direct_blocks) * sizeof number);
    }
    if (number != 0 && !volume().layout().is_data(number))
        return fail(Error::io);
    return number;
}

Result<std::uint32_t> Node::make_block(Operation& operation, std::uint32_t index) {
    if (index >= max_file_blocks)
        return fail(Error::file_too_large);
    const std::uint32_t there = TRY(block_at(index));
    if (there != 0)
        return there;
    if (index >= direct_blocks)
        return make_indirect_block(operation, index);
    const std::uint32_t number = TRY(volume().allocate_block(operation));
    disk_.blocks[index] = number;
    return number;
}

Result<std::uint32_t> Node::make_indirect_block(Operation& operation, std::uint32_t index) {
    const bool new_map = disk_.indirect == 0;
    const std::uint32_t map_number = new_map ? TRY(volume().allocate_block(operation)) : disk_.indirect;
    auto number = volume().allocate_block(operation);
    if (number) {
        auto map = volume().cache().read(map_number);
        if (map) {
            map->at<std::uint32_t>((index - direct_blocks) * sizeof(std::uint32_t)) = *number;
            operation.changed(*map);
            disk_.indirect = map_number;
            return number;
        }
        (void)volume().free_block(operation, *number);
        number = fail(map.error());
    }
    if (new_map)
        (void)volume().free_block(operation, map_number);
    return number;
}

// Cutting

namespace {

/// What a step needs besides the bitmap: inode, map of blocks, the block that is cut in its middle.
constexpr std::uint32_t fixed_share = 3;

} // namespace

/// Frees blocks while the operation has room for their part of the bitmap.
class Node::Cutter {
public:
    Cutter(Xv6FileSystem& volume, Operation& operation, std::uint32_t bitmap_blocks)
        : volume_(volume), operation_(operation), room_(bitmap_blocks) {}

    bool has_room_for(std::uint32_t block) const {
        return !volume_.layout().is_data(block) || is_touched(block) || count_ < room_;
    }
    Result<> free(std::uint32_t block) {
        if (volume_.layout().is_data(block) && !is_touched(block))
            touched_[count_++] = volume_.layout().bitmap_block(block);
        return volume_.free_block(operation_, block);
    }

private:
    bool is_touched(std::uint32_t block) const {
        for (std::uint32_t i = 0; i < count_; ++i)
            if (touched_[i] == volume_.layout().bitmap_block(block))
                return true;
        return false;
    }
    Xv6FileSystem& volume_;
    Operation& operation_;
    const std::uint32_t room_;
    std::uint32_t touched_[max_log_blocks] = {};
    std::uint32_t count_ = 0;
};

std::uint32_t Node::cut_share() const {
    const std::uint32_t room = volume().log().capacity() - fixed_share;
    const std::uint32_t bitmap_blocks = volume().layout().bitmap_blocks;
    return fixed_share + (bitmap_blocks < room ? bitmap_blocks : room);
}

Result<bool> Node::cut(Operation& operation, std::uint32_t size) {
    if (const std::uint32_t in_block = size % block_bytes; in_block != 0 && size < disk_.size)
        if (const std::uint32_t number = TRY(block_at(size / block_bytes))) {
            const BlockRef block = TRY(volume().cache().read(number));
            std::memset(block.bytes().data() + in_block, 0, block_bytes - in_block);
            operation.changed(block);
        }
    Cutter cutter(volume(), operation, cut_share() - fixed_share);
    auto done = cut_indirect(operation, cutter, blocks_of(size));
    if (done && *done)
        done = cut_direct(cutter, blocks_of(size));
    if (done && *done && size < disk_.size)
        disk_.size = size;
    store(operation);
    return done;
}

void Node::lower_size(std::uint32_t blocks) {
    if (disk_.size > blocks * block_bytes)
        disk_.size = blocks * block_bytes;
}

Result<bool> Node::cut_indirect(Operation& operation, Cutter& cutter, std::uint32_t keep) {
    if (disk_.indirect == 0 || keep >= max_file_blocks)
        return true;
    BlockCache& cache = volume().cache();
    const bool is_broken = !volume().layout().is_data(disk_.indirect);
    if (!is_broken)
        operation.changed(TRY(cache.read(disk_.indirect))); // stays in the cache now
    const std::uint32_t first = keep > direct_blocks ? keep - direct_blocks : 0;
    for (std::uint32_t i = is_broken ? first : indirect_blocks; i-- > first;) {
        const std::size_t offset = i * sizeof(std::uint32_t);
        const std::uint32_t number = TRY(cache.read(disk_.indirect)).at<std::uint32_t>(offset);
        if (number == 0)
            continue;
        if (!cutter.has_room_for(number))
            return false;
        TRY(cutter.free(number));
        TRY(cache.read(disk_.indirect)).at<std::uint32_t>(offset) = 0;
        lower_size(direct_blocks + i);
    }
    if (keep > direct_blocks)
        return true;
    if (!cutter.has_room_for(disk_.indirect))
        return false;
    TRY(cutter.free(disk_.indirect));
    disk_.indirect = 0;
    return true;
}

Result<bool> Node::cut_direct(Cutter& cutter, std::uint32_t keep) {
    for (std::uint32_t i = direct_blocks; i-- > keep;) {
        if (disk_.blocks[i] == 0)
            continue;
        if (!cutter.has_room_for(disk_.blocks[i]))
            return false;
        TRY(cutter.free(disk_.blocks[i]));
        disk_.blocks[i] = 0;
        lower_size(i);
    }
    return true;
}

} // namespace file::xv6fs

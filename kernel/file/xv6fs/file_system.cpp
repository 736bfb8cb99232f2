#include "file/xv6fs/file_system.hpp"

#include "file/xv6fs/node.hpp"
#include "lib/log.hpp"
#include "memory/frame.hpp"

#include <cstring>
#include <new>

namespace file::xv6fs {

struct Xv6FileSystem::Table {
    boost::intrusive::multiset<
        Node, boost::intrusive::member_hook<Node, boost::intrusive::set_member_hook<>, &Node::table_hook>,
        boost::intrusive::key_of_value<NodeNumber>>
        nodes;
};

namespace {

/// A sixteenth of the memory, and never too little to work with.
std::size_t cache_limit() {
    constexpr std::size_t least = 64, most = 65536;
    const std::uint64_t blocks = memory::total_frame_count() / 16 * (page_size / block_bytes);
    return blocks < least ? least : blocks > most ? most : static_cast<std::size_t>(blocks);
}

/// Lowers a hint; others may do so at once.
void lower(std::atomic<std::uint32_t>& hint, std::uint32_t value) {
    std::uint32_t seen = hint.load(std::memory_order_relaxed);
    while (value < seen && !hint.compare_exchange_weak(seen, value, std::memory_order_relaxed))
        ;
}

std::uint64_t count_clear_bits(std::span<const std::byte> map, std::uint32_t bits) {
    std::uint64_t count = 0;
    for (std::uint32_t bit = 0; bit < bits; ++bit)
        count += (map[bit / 8] & std::byte{1} << bit % 8) == std::byte{0};
    return count;
}

} // namespace

// Mounting

Result<Ref<Xv6FileSystem>> Xv6FileSystem::open(device::BlockDevice& disk) {
    device::DiskClaim claim = TRY(device::DiskClaim::make(disk, device::DiskClaim::Kind::owner));
    const std::uint64_t disk_blocks = disk.sectors() / (block_bytes / device::sector_bytes);
    if (disk_blocks <= superblock_number)
        return fail(Error::invalid_argument);
    Superblock superblock;
    {
        BlockCache first(disk, 1);
        const BlockRef block = TRY(first.read(superblock_number));
        std::memcpy(&superblock, block.bytes().data(), sizeof superblock);
    }
    const Layout layout = TRY(Layout::check(superblock, disk_blocks));
    auto made =
        Ref<Xv6FileSystem>::adopt(new (std::nothrow) Xv6FileSystem(disk, std::move(claim), layout, cache_limit()));
    if (!made)
        return fail(Error::no_memory);
    TRY(made->start());
    return made;
}

Result<> Xv6FileSystem::start() {
    table_ = new (std::nothrow) Table;
    if (!table_)
        return fail(Error::no_memory);
    TRY(log_.recover());
    const DiskInode root = TRY(read_inode(root_inode));
    if (root.type != DiskType::directory)
        return fail(Error::invalid_argument);
    return cache_.device().is_read_only() ? Result<>{} : reclaim_orphans();
}

Xv6FileSystem::~Xv6FileSystem() {
    (void)log_.commit(); // an error was logged; there is nobody left to tell
    delete table_;
}

Result<Ref<Inode>> Xv6FileSystem::make_root() {
    return Ref<Inode>(TRY(node(root_inode)));
}

/// Inodes in use that no directory names: they were open when the machine ended.
Result<> Xv6FileSystem::reclaim_orphans() {
    unsigned found = 0;
    for (std::uint32_t number = root_inode + 1; number < layout_.inodes; ++number) {
        const DiskInode contents = TRY(read_inode(number));
        if (contents.type == DiskType::free || contents.links != 0)
            continue;
        // One that is broken besides is left to a checker.
        if (auto orphan = Node::make(*this, number, contents)) {
            thread::MutexGuard guard(table_lock_);
            table_->nodes.insert(**orphan);
            ++found;
        }
    }
    if (found)
        klog::info("xv6fs on {}: {} files without a name freed", cache_.device().name(), found);
    return {};
}

FileSystemUsage Xv6FileSystem::usage() {
    FileSystemUsage usage;
    usage.kind = file_system_magic;
    usage.block_size = block_bytes;
    usage.blocks = layout_.size - layout_.data_start;
    usage.inodes = layout_.inodes - root_inode;
    usage.longest_name = name_bytes;
    for (std::uint32_t first = 0; first < layout_.size; first += bits_per_block) {
        const std::uint32_t rest = layout_.size - first;
        if (auto map = cache_.read(layout_.bitmap_block(first)))
            usage.free_blocks += count_clear_bits(map->bytes(), rest < bits_per_block ? rest : bits_per_block);
        if (rest <= bits_per_block)
            break;
    }
    for (std::uint32_t number = root_inode; number < layout_.inodes; ++number)
        if (auto contents = read_inode(number))
            usage.free_inodes += contents->type == DiskType::free;
    return usage;
}

Result<> Xv6FileSystem::sync() {
    Result<> all;
    std::uint32_t number = 0;
    while (const Ref<Node> next = next_node(number))
        if (auto done = next->write_mapped(); !done)
            all = done;
    TRY(log_.commit());
    return all;
}

// Inodes

/// The node in use with the lowest number that is at least `number`, which becomes the one behind it.
Ref<Node> Xv6FileSystem::next_node(std::uint32_t& number) {
    thread::MutexGuard guard(table_lock_);
    for (auto at = table_->nodes.lower_bound(number); at != table_->nodes.end(); ++at)
        if (at->try_add_reference()) {
            number = at->disk_number() + 1;
            return Ref<Node>::adopt(&*at);
        }
    return {};
}

Result<Ref<Node>> Xv6FileSystem::load(std::uint32_t number, const DiskInode& contents) {
    Ref<Node> made = TRY(Node::make(*this, number, contents));
    table_->nodes.insert(*made);
    return made;
}

Result<Ref<Node>> Xv6FileSystem::node(std::uint32_t number) {
    if (!layout_.is_inode(number))
        return fail(Error::io);
    thread::MutexGuard guard(table_lock_);
    const auto [first, last] = table_->nodes.equal_range(number);
    for (auto at = first; at != last; ++at)
        if (at->try_add_reference())
            return Ref<Node>::adopt(&*at);
    const DiskInode contents = TRY(read_inode(number));
    if (contents.links < 1)
        return fail(Error::io); // something names it, and it says that nothing does
    return load(number, contents);
}

Result<Ref<Node>> Xv6FileSystem::create_node(Operation& operation, const DiskInode& contents) {
    const std::uint32_t number = TRY(claim_inode(operation, contents));
    Result<Ref<Node>> made = [&] {
        thread::MutexGuard guard(table_lock_);
        return load(number, contents);
    }();
    if (!made) {
        write_inode(operation, number, DiskInode{});
        lower(free_inode_hint_, number);
    }
    return made;
}

void Xv6FileSystem::forget(Node& node) {
    thread::MutexGuard guard(table_lock_);
    if (node.table_hook.is_linked())
        table_->nodes.erase(table_->nodes.iterator_to(node));
}

Result<std::uint32_t> Xv6FileSystem::claim_inode(Operation& operation, const DiskInode& contents) {
    const std::uint32_t hint = free_inode_hint_.load(std::memory_order_relaxed);
    auto found = claim_inode_from(operation, contents, hint);
    // The hint may have passed one that was freed at that moment.
    if (!found && found.error() == Error::no_space && hint > root_inode)
        found = claim_inode_from(operation, contents, root_inode);
    return found;
}

Result<std::uint32_t>
Xv6FileSystem::claim_inode_from(Operation& operation, const DiskInode& contents, std::uint32_t number) {
    while (number < layout_.inodes) {
        const BlockRef block = TRY(cache_.read(layout_.inode_block(number)));
        const std::uint32_t end = (number / inodes_per_block + 1) * inodes_per_block;
        for (; number < end && number < layout_.inodes; ++number) {
            auto& there = block.at<DiskInode>(Layout::inode_offset(number));
            if (there.type != DiskType::free)
                continue;
            there = contents;
            operation.changed(block);
            free_inode_hint_.store(number + 1, std::memory_order_relaxed);
            return number;
        }
    }
    return fail(Error::no_space);
}

Result<DiskInode> Xv6FileSystem::read_inode(std::uint32_t number) {
    const BlockRef block = TRY(cache_.read(layout_.inode_block(number)));
    return block.at<DiskInode>(Layout::inode_offset(number));
}

Result<> Xv6FileSystem::touch_inode(Operation& operation, std::uint32_t number) {
    const BlockRef block = TRY(cache_.read(layout_.inode_block(number)));
    operation.changed(block);
    return {};
}

void Xv6FileSystem::write_inode(Operation& operation, std::uint32_t number, const DiskInode& contents) {
    const auto block = cache_.read(layout_.inode_block(number));
    INVARIANT(block); // the operation keeps it in the cache
    block->at<DiskInode>(Layout::inode_offset(number)) = contents;
    operation.changed(*block);
    if (contents.type == DiskType::free)
        lower(free_inode_hint_, number);
}

// Blocks

/// The lowest free data block, marked as used.
Result<std::uint32_t> Xv6FileSystem::claim_block(Operation& operation) {
    const std::uint32_t hint = free_block_hint_.load(std::memory_order_relaxed);
    auto found = claim_block_from(operation, hint < layout_.data_start ? layout_.data_start : hint);
    if (!found && found.error() == Error::no_space && hint > layout_.data_start)
        found = claim_block_from(operation, layout_.data_start);
    return found;
}

Result<std::uint32_t> Xv6FileSystem::claim_block_from(Operation& operation, std::uint32_t number) {
    while (number < layout_.size) {
        const BlockRef map = TRY(cache_.read(layout_.bitmap_block(number)));
        const std::uint64_t end = (std::uint64_t{number} / bits_per_block + 1) * bits_per_block;
        for (; number < end && number < layout_.size; ++number) {
            std::byte& bits = map.bytes()[number % bits_per_block / 8];
            const std::byte bit = std::byte{1} << number % 8;
            if ((bits & bit) != std::byte{0})
                continue;
            bits |= bit;
            operation.changed(map);
            free_block_hint_.store(number + 1, std::memory_order_relaxed);
            return number;
        }
    }
    return fail(Error::no_space);
}

Result<std::uint32_t> Xv6FileSystem::allocate_block(Operation& operation) {
    const std::uint32_t number = TRY(claim_block(operation));
    auto block = cache_.overwrite(number);
    if (!block) {
        (void)free_block(operation, number); // the bitmap's block is in the operation
        return fail(block.error());
    }
    std::memset(block->bytes().data(), 0, block_bytes);
    operation.changed(*block);
    return number;
}

Result<> Xv6FileSystem::free_block(Operation& operation, std::uint32_t number) {
    if (!layout_.is_data(number))
        return {};
    const BlockRef map = TRY(cache_.read(layout_.bitmap_block(number)));
    map.bytes()[number % bits_per_block / 8] &= ~(std::byte{1} << number % 8);
    operation.changed(map);
    lower(free_block_hint_, number);
    return {};
}

} // namespace file::xv6fs

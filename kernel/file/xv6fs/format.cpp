#include "file/xv6fs/format.hpp"

namespace file::xv6fs {

namespace {

/// The header, and what the largest operation may need: RegularNode::write_share().
constexpr std::uint32_t smallest_log = 12;

constexpr std::uint64_t rounded_up(std::uint64_t count, std::uint64_t per_block) {
    return (count + per_block - 1) / per_block;
}

} // namespace

Result<Layout> Layout::check(const Superblock& superblock, std::uint64_t disk_blocks) {
    if (superblock.magic != file_system_magic || superblock.size > disk_blocks || superblock.inodes <= root_inode)
        return fail(Error::invalid_argument);
    const std::uint64_t bitmap_blocks = rounded_up(superblock.size, bits_per_block);
    const std::uint64_t log_end = std::uint64_t{superblock.log_start} + superblock.log_blocks;
    const std::uint64_t inode_end =
        std::uint64_t{superblock.inode_start} + rounded_up(superblock.inodes, inodes_per_block);
    const std::uint64_t bitmap_end = superblock.bitmap_start + bitmap_blocks;
    const bool in_order = superblock.log_start > superblock_number && log_end <= superblock.inode_start
                          && inode_end <= superblock.bitmap_start && bitmap_end < superblock.size;
    if (!in_order || superblock.log_blocks <= smallest_log)
        return fail(Error::invalid_argument);
    const std::uint32_t room = superblock.log_blocks - 1;
    return Layout{
        .size = superblock.size,
        .inodes = superblock.inodes < max_inodes ? superblock.inodes : max_inodes,
        .log_start = superblock.log_start,
        .log_capacity = room < max_log_blocks ? room : max_log_blocks,
        .inode_start = superblock.inode_start,
        .bitmap_start = superblock.bitmap_start,
        .bitmap_blocks = static_cast<std::uint32_t>(bitmap_blocks),
        .data_start = static_cast<std::uint32_t>(bitmap_end),
    };
}

} // namespace file::xv6fs

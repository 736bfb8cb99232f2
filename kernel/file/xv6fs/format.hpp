#pragma once
// xv6's file system on the disk: blocks of 1024 bytes, little endian. In order: boot block, superblock, log, inodes,
// bitmap of used blocks, data. (MIT 6.1810, "xv6: a simple, Unix-like teaching operating system", chapter "File
// system".)

#include "lib/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace file::xv6fs {

inline constexpr std::uint32_t block_bytes = 1024;
inline constexpr std::uint32_t superblock_number = 1;
inline constexpr std::uint32_t root_inode = 1; // inode 0 is none
inline constexpr std::uint32_t file_system_magic = 0x10203040;

/// At the start of block 1. Numbers and counts are in blocks.
struct Superblock {
    std::uint32_t magic;
    std::uint32_t size;
    std::uint32_t data_blocks;
    std::uint32_t inodes;
    std::uint32_t log_blocks;
    std::uint32_t log_start;
    std::uint32_t inode_start;
    std::uint32_t bitmap_start;
};

enum class DiskType : std::int16_t { free = 0, directory = 1, file = 2, device = 3 };

inline constexpr std::uint32_t direct_blocks = 12;
inline constexpr std::uint32_t indirect_blocks = block_bytes / sizeof(std::uint32_t);
inline constexpr std::uint32_t max_file_blocks = direct_blocks + indirect_blocks;
inline constexpr std::uint32_t max_file_bytes = max_file_blocks * block_bytes;
inline constexpr std::int16_t max_links = 0x7fff;

struct DiskInode {
    DiskType type;
    std::int16_t major, minor; // devices
    std::int16_t links;
    std::uint32_t size;                  // bytes
    std::uint32_t blocks[direct_blocks]; // 0: none
    std::uint32_t indirect;              // a block of further numbers; 0: none
};
static_assert(sizeof(DiskInode) == 64);
inline constexpr std::uint32_t inodes_per_block = block_bytes / sizeof(DiskInode);
inline constexpr std::uint32_t bits_per_block = block_bytes * 8;
inline constexpr std::uint32_t max_inodes = 0x1'0000; // what a directory entry can name

inline constexpr std::size_t name_bytes = 14;

/// A directory is a file of these; one with inode 0 is free.
struct DiskEntry {
    std::uint16_t inode;
    char name[name_bytes]; // filled up with NULs; none when it is that long

    std::string_view text() const {
        std::size_t length = 0;
        while (length < name_bytes && name[length])
            ++length;
        return {name, length};
    }
    void set(std::string_view text, std::uint16_t number) {
        inode = number;
        for (std::size_t i = 0; i < name_bytes; ++i)
            name[i] = i < text.size() ? text[i] : '\0';
    }
};
static_assert(sizeof(DiskEntry) == 16);
inline constexpr std::uint32_t entries_per_block = block_bytes / sizeof(DiskEntry);

/// The first block of the log: the places of the blocks behind it. 0 blocks: nothing was committed.
struct LogHeader {
    std::uint32_t count;
    std::uint32_t places[block_bytes / sizeof(std::uint32_t) - 1];
};
static_assert(sizeof(LogHeader) == block_bytes);
/// The original has room for so many numbers in memory.
inline constexpr std::uint32_t max_log_blocks = 30;

/// Where things are, checked: every region lies inside the disk and none in another.
struct Layout {
    std::uint32_t size = 0;   // blocks
    std::uint32_t inodes = 0; // numbers 1 to inodes - 1 exist
    std::uint32_t log_start = 0;
    std::uint32_t log_capacity = 0; // blocks that one transaction may have
    std::uint32_t inode_start = 0;
    std::uint32_t bitmap_start = 0;
    std::uint32_t bitmap_blocks = 0;
    std::uint32_t data_start = 0;

    /// Errors: invalid_argument (no xv6 file system, or a broken one). `disk_blocks`: what the device has.
    static Result<Layout> check(const Superblock& superblock, std::uint64_t disk_blocks);

    bool is_inode(std::uint64_t number) const { return number >= root_inode && number < inodes; }
    bool is_data(std::uint64_t block) const { return block >= data_start && block < size; }
    std::uint32_t inode_block(std::uint32_t number) const { return inode_start + number / inodes_per_block; }
    static std::size_t inode_offset(std::uint32_t number) { return number % inodes_per_block * sizeof(DiskInode); }
    std::uint32_t bitmap_block(std::uint32_t block) const { return bitmap_start + block / bits_per_block; }
};

} // namespace file::xv6fs

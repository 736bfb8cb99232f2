#pragma once
// Makes, recovers and checks images of xv6 file systems. Written from the format alone, without the kernel's code: what
// both believe wrongly would not be seen otherwise.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace xv6image {

constexpr std::uint32_t block_bytes = 1024;
using Image = std::vector<std::uint8_t>;

struct Shape {
    std::uint32_t blocks = 2000;
    std::uint32_t inodes = 200;
    std::uint32_t log = 30;
};

/// An image with these files (name, contents) in its root, laid out as the original's mkfs does. Throws
/// std::runtime_error when they do not fit.
Image make(const Shape& shape, const std::vector<std::pair<std::string, std::string>>& files);

/// Carries out a committed log, as the original does when it mounts. Returns the blocks that were installed.
std::uint32_t recover(Image& image);

/// What is wrong with a recovered image, a line each; empty: nothing. An inode without a name that says so itself (link
/// count 0) is none: it was open when the machine ended, and the next mount frees it.
std::vector<std::string> check(const Image& image);

struct File {
    std::uint32_t inode = 0;
    int type = 0; // 1 directory, 2 file, 3 device
    int links = 0;
    std::string contents; // of files
};
/// Everything that can be reached, by absolute path ("/" is the root). Only for images that check() finds good.
std::map<std::string, File> tree(const Image& image);

} // namespace xv6image

#include "image.hpp"

#include <algorithm>
#include <cstring>
#include <format>
#include <set>
#include <stdexcept>

namespace xv6image {

namespace {

constexpr std::uint32_t magic = 0x10203040;
constexpr std::uint32_t direct = 12, pointers = block_bytes / 4, most_blocks = direct + pointers;
constexpr std::uint32_t inode_bytes = 64, inodes_per_block = block_bytes / inode_bytes;
constexpr std::uint32_t entry_bytes = 16, name_bytes = 14, bits = block_bytes * 8;
constexpr int is_free = 0, is_directory = 1, is_file = 2, is_device = 3;

std::uint16_t get16(const Image& image, std::size_t at) {
    return static_cast<std::uint16_t>(image.at(at) | image.at(at + 1) << 8);
}
std::uint32_t get32(const Image& image, std::size_t at) {
    return get16(image, at) | static_cast<std::uint32_t>(get16(image, at + 2)) << 16;
}
void put16(Image& image, std::size_t at, std::uint32_t value) {
    image.at(at) = static_cast<std::uint8_t>(value);
    image.at(at + 1) = static_cast<std::uint8_t>(value >> 8);
}
void put32(Image& image, std::size_t at, std::uint32_t value) {
    put16(image, at, value & 0xffff);
    put16(image, at + 2, value >> 16);
}

std::size_t at_block(std::uint64_t number) {
    return static_cast<std::size_t>(number * block_bytes);
}

/// The superblock's numbers.
struct Super {
    std::uint32_t size, data, inodes, log, log_start, inode_start, bitmap_start;

    explicit Super(const Image& image) {
        if (image.size() < at_block(2) || get32(image, at_block(1)) != magic) {
            throw std::runtime_error("no xv6 superblock");
        }
        std::uint32_t* fields[] = {&size, &data, &inodes, &log, &log_start, &inode_start, &bitmap_start};
        std::size_t at = at_block(1);
        for (std::uint32_t* field : fields) {
            *field = get32(image, at += 4);
        }
    }
    std::uint32_t bitmap_blocks() const { return (size + bits - 1) / bits; }
    std::uint32_t first_data() const { return bitmap_start + bitmap_blocks(); }
    bool is_data(std::uint32_t block) const { return block >= first_data() && block < size; }
    std::size_t inode(std::uint32_t number) const {
        return at_block(inode_start + number / inodes_per_block) + number % inodes_per_block * inode_bytes;
    }
};

struct Inode {
    int type, links;
    std::uint32_t size;
    std::uint32_t map[direct + 1];

    Inode(const Image& image, const Super& super, std::uint32_t number) {
        const std::size_t at = super.inode(number);
        type = static_cast<std::int16_t>(get16(image, at));
        links = static_cast<std::int16_t>(get16(image, at + 6));
        size = get32(image, at + 8);
        for (std::uint32_t i = 0; i <= direct; i++) {
            map[i] = get32(image, at + 12 + 4 * i);
        }
    }
};

struct Entry {
    std::uint32_t inode;
    std::string name;
};

/// The number of the file's block; 0 for a hole.
std::uint32_t block_of(const Image& image, const Super& super, const Inode& inode, std::uint32_t index) {
    if (index < direct) {
        return inode.map[index];
    }
    return super.is_data(inode.map[direct]) ? get32(image, at_block(inode.map[direct]) + 4 * (index - direct)) : 0;
}

std::string contents_of(const Image& image, const Super& super, const Inode& inode) {
    std::string text;
    for (std::uint32_t i = 0; i < most_blocks && i * block_bytes < inode.size; i++) {
        const std::uint32_t count = std::min(block_bytes, inode.size - i * block_bytes);
        const std::uint32_t block = block_of(image, super, inode, i);
        if (super.is_data(block)) {
            text.append(reinterpret_cast<const char*>(&image.at(at_block(block))), count);
        } else {
            text.append(count, '\0');
        }
    }
    return text;
}

std::vector<Entry> entries_of(const Image& image, const Super& super, const Inode& inode) {
    const std::string text = contents_of(image, super, inode);
    std::vector<Entry> found;
    for (std::size_t at = 0; at + entry_bytes <= text.size(); at += entry_bytes) {
        const auto low = static_cast<std::uint8_t>(text[at]), high = static_cast<std::uint8_t>(text[at + 1]);
        std::string name = text.substr(at + 2, name_bytes);
        name.resize(std::min(name.size(), name.find('\0')));
        found.push_back({static_cast<std::uint32_t>(low | high << 8), std::move(name)});
    }
    return found;
}

// Checking

class Checker {
public:
    explicit Checker(const Image& image) : image_(image), super_(image) {}

    std::vector<std::string> run() {
        if (!check_layout()) {
            return problems_;
        }
        for (std::uint32_t number = 1; number < super_.inodes; number++) {
            check_inode(number);
        }
        check_bitmap();
        check_tree();
        return problems_;
    }

private:
    template <typename... Args>
    void complain(std::format_string<Args...> text, Args&&... args) {
        problems_.push_back(std::format(text, std::forward<Args>(args)...));
    }

    bool check_layout() {
        const std::uint64_t blocks = image_.size() / block_bytes;
        const std::uint64_t log_end = std::uint64_t{super_.log_start} + super_.log;
        const std::uint64_t inode_end =
            super_.inode_start + (std::uint64_t{super_.inodes} + inodes_per_block - 1) / inodes_per_block;
        const std::uint64_t bitmap_end = std::uint64_t{super_.bitmap_start} + super_.bitmap_blocks();
        if (super_.size > blocks || super_.log_start < 2 || log_end > super_.inode_start
            || inode_end > super_.bitmap_start || bitmap_end >= super_.size || super_.inodes < 2) {
            complain("superblock: the regions do not fit");
            return false;
        }
        if (get32(image_, at_block(super_.log_start)) != 0) {
            complain("log: something is committed that was not carried out");
        }
        return true;
    }

    void use(std::uint32_t block, std::uint32_t number) {
        if (!super_.is_data(block)) {
            complain("inode {}: block {} is none of the data's", number, block);
        } else if (!used_.emplace(block, number).second) {
            complain("block {}: used by inode {} and by inode {}", block, used_[block], number);
        }
    }

    void check_inode(std::uint32_t number) {
        const Inode inode(image_, super_, number);
        if (inode.type == is_free) {
            return;
        }
        if (inode.type < is_free || inode.type > is_device) {
            complain("inode {}: type {}", number, inode.type);
            return;
        }
        if (inode.size > most_blocks * block_bytes || (inode.type == is_directory && inode.size % entry_bytes)) {
            complain("inode {}: size {}", number, inode.size);
        }
        if (inode.links < 0) {
            complain("inode {}: {} links", number, inode.links);
        }
        if (inode.map[direct] != 0) {
            use(inode.map[direct], number);
        }
        for (std::uint32_t i = 0; i < most_blocks; i++) {
            const std::uint32_t block = block_of(image_, super_, inode, i);
            if (block != 0) {
                use(block, number);
            } else if (i * block_bytes < inode.size) {
                complain("inode {}: a hole at block {}, which the original cannot read", number, i);
            }
        }
    }

    void check_bitmap() {
        for (std::uint32_t block = 0; block < super_.size; block++) {
            const std::uint8_t byte = image_.at(at_block(super_.bitmap_start + block / bits) + block % bits / 8);
            const bool marked = byte & 1 << block % 8;
            const bool is_used = block < super_.first_data() || used_.contains(block) || block < first_free_of_mkfs();
            if (marked != is_used) {
                complain("block {}: {} and {}", block, marked ? "marked" : "not marked", is_used ? "used" : "not used");
            }
        }
    }
    /// The original's mkfs makes one bitmap block more than it needs, at times, and marks it.
    std::uint32_t first_free_of_mkfs() const { return super_.size - super_.data; }

    void check_tree() {
        const Inode root(image_, super_, 1);
        if (root.type != is_directory) {
            complain("inode 1: no directory");
            return;
        }
        std::map<std::uint32_t, int> links;
        std::set<std::uint32_t> seen{1};
        links[1]++; // the root holds itself
        check_directory(1, 1, links, seen, 0);
        for (std::uint32_t number = 1; number < super_.inodes; number++) {
            const Inode inode(image_, super_, number);
            if (inode.type != is_free && inode.links != links[number]) {
                complain("inode {}: {} links, {} found", number, inode.links, links[number]);
            }
        }
    }

    void check_directory(
        std::uint32_t number, std::uint32_t parent, std::map<std::uint32_t, int>& links, std::set<std::uint32_t>& seen,
        unsigned depth) {
        const std::vector<Entry> entries = entries_of(image_, super_, Inode(image_, super_, number));
        if (entries.size() < 2 || entries[0].name != "." || entries[0].inode != number || entries[1].name != ".."
            || entries[1].inode != parent) {
            complain("directory {}: its dots are wrong", number);
            return;
        }
        std::set<std::string> names;
        for (std::size_t i = 2; i < entries.size(); i++) {
            const Entry& entry = entries[i];
            if (entry.inode == 0) {
                continue;
            }
            if (entry.name.empty() || entry.name.contains('/') || entry.name == "." || entry.name == ".."
                || !names.insert(entry.name).second) {
                complain("directory {}: a name '{}'", number, entry.name);
            }
            if (entry.inode >= super_.inodes || Inode(image_, super_, entry.inode).type == is_free) {
                complain("directory {}: '{}' names inode {}, which is none", number, entry.name, entry.inode);
                continue;
            }
            links[entry.inode]++;
            if (Inode(image_, super_, entry.inode).type != is_directory) {
                continue;
            }
            links[number]++; // its ".."
            if (!seen.insert(entry.inode).second || depth > super_.inodes) {
                complain("directory {}: has two names", entry.inode);
            } else {
                check_directory(entry.inode, number, links, seen, depth + 1);
            }
        }
    }

    const Image& image_;
    const Super super_;
    std::vector<std::string> problems_;
    std::map<std::uint32_t, std::uint32_t> used_; // block → inode
};

// Making

class Maker {
public:
    explicit Maker(const Shape& shape) : image_(at_block(shape.blocks)) {
        const std::uint32_t inode_blocks = shape.inodes / inodes_per_block + 1;
        const std::uint32_t bitmap_blocks = shape.blocks / bits + 1;
        const std::uint32_t first = 2 + shape.log + inode_blocks + bitmap_blocks;
        if (first >= shape.blocks) {
            throw std::runtime_error("too few blocks");
        }
        const std::uint32_t fields[] = {magic, shape.blocks,  shape.blocks - first,        shape.inodes, shape.log,
                                        2,     2 + shape.log, 2 + shape.log + inode_blocks};
        for (std::size_t i = 0; i < std::size(fields); i++) {
            put32(image_, at_block(1) + 4 * i, fields[i]);
        }
        next_block_ = first;
        limit_ = shape.blocks;
        inodes_ = shape.inodes;
    }

    Image run(const std::vector<std::pair<std::string, std::string>>& files) {
        const Super super(image_);
        const std::uint32_t root = next_inode_++;
        std::string entries = entry(root, ".") + entry(root, "..");
        for (const auto& [name, contents] : files) {
            if (name.empty() || name.size() > name_bytes || next_inode_ >= inodes_) {
                throw std::runtime_error(name + ": does not fit");
            }
            entries += entry(next_inode_, name);
            write(super, next_inode_++, is_file, contents);
        }
        write(super, root, is_directory, entries);
        for (std::uint32_t block = 0; block < next_block_; block++) {
            image_.at(at_block(super.bitmap_start + block / bits) + block % bits / 8) |=
                static_cast<std::uint8_t>(1 << block % 8);
        }
        return std::move(image_);
    }

private:
    static std::string entry(std::uint32_t inode, const std::string& name) {
        std::string text(entry_bytes, '\0');
        text[0] = static_cast<char>(inode);
        text[1] = static_cast<char>(inode >> 8);
        text.replace(2, name.size(), name);
        return text;
    }
    std::uint32_t take_block() {
        if (next_block_ == limit_) {
            throw std::runtime_error("the disk is full");
        }
        return next_block_++;
    }
    void write(const Super& super, std::uint32_t number, int type, const std::string& contents) {
        const std::size_t inode = super.inode(number);
        put16(image_, inode, static_cast<std::uint32_t>(type));
        put16(image_, inode + 6, 1);
        put32(image_, inode + 8, static_cast<std::uint32_t>(contents.size()));
        std::uint32_t map = 0;
        for (std::size_t at = 0; at < contents.size(); at += block_bytes) {
            const auto index = static_cast<std::uint32_t>(at / block_bytes);
            if (index >= most_blocks) {
                throw std::runtime_error("a file of more than 268 blocks");
            }
            if (index == direct) {
                put32(image_, inode + 12 + 4 * direct, map = take_block());
            }
            const std::uint32_t block = take_block();
            put32(image_, index < direct ? inode + 12 + 4 * index : at_block(map) + 4 * (index - direct), block);
            std::memcpy(
                &image_.at(at_block(block)), contents.data() + at,
                std::min<std::size_t>(block_bytes, contents.size() - at));
        }
    }

    Image image_;
    std::uint32_t next_block_ = 0, limit_ = 0, inodes_ = 0, next_inode_ = 1;
};

void collect(
    const Image& image, const Super& super, std::uint32_t number, const std::string& path,
    std::map<std::string, File>& found) {
    const Inode inode(image, super, number);
    File file{.inode = number, .type = inode.type, .links = inode.links, .contents = {}};
    if (inode.type == is_file) {
        file.contents = contents_of(image, super, inode);
    }
    found[path.empty() ? "/" : path] = std::move(file);
    if (inode.type != is_directory) {
        return;
    }
    for (const Entry& entry : entries_of(image, super, inode)) {
        if (entry.inode != 0 && entry.name != "." && entry.name != "..") {
            collect(image, super, entry.inode, path + "/" + entry.name, found);
        }
    }
}

} // namespace

Image make(const Shape& shape, const std::vector<std::pair<std::string, std::string>>& files) {
    return Maker(shape).run(files);
}

std::uint32_t recover(Image& image) {
    const Super super(image);
    const std::size_t header = at_block(super.log_start);
    const std::uint32_t count = get32(image, header);
    if (count > super.log - 1) {
        throw std::runtime_error("a log header that no log can have");
    }
    for (std::uint32_t i = 0; i < count; i++) {
        const std::uint32_t place = get32(image, header + 4 + 4 * i);
        std::memcpy(&image.at(at_block(place)), &image.at(at_block(super.log_start + 1 + i)), block_bytes);
    }
    put32(image, header, 0);
    return count;
}

std::vector<std::string> check(const Image& image) {
    try {
        return Checker(image).run();
    } catch (const std::exception& error) {
        return {error.what()};
    }
}

std::map<std::string, File> tree(const Image& image) {
    std::map<std::string, File> found;
    collect(image, Super(image), 1, "", found);
    return found;
}

} // namespace xv6image

#include "memory/sparse_pages.hpp"

#include "memory/frame.hpp"

namespace memory {
namespace {

constexpr std::uint64_t node_entries = 512;

std::uint64_t* node_at(std::uint64_t address) {
    return arch::phys_to_virt<std::uint64_t>({address});
}

/// Indices that a tree of `height` levels of nodes can hold.
constexpr std::uint64_t reach(unsigned height) {
    return std::uint64_t{1} << (9 * height);
}

} // namespace

std::uint64_t* SparsePages::slot(std::uint64_t index) const {
    if (root_ == 0 || index >= reach(height_))
        return nullptr;
    std::uint64_t address = root_;
    for (unsigned level = height_; level > 1; --level) {
        address = node_at(address)[(index >> (node_bits * (level - 1))) & (node_entries - 1)];
        if (address == 0)
            return nullptr;
    }
    return node_at(address) + (index & (node_entries - 1));
}

std::optional<PhysAddr> SparsePages::find(std::uint64_t index) const {
    if (height_ == 0)
        return index == 0 && root_ != 0 ? std::optional(PhysAddr{root_}) : std::nullopt;
    const std::uint64_t* at = slot(index);
    return at && *at != 0 ? std::optional(PhysAddr{*at}) : std::nullopt;
}

Result<std::uint64_t*> SparsePages::make_slot(std::uint64_t index) {
    if (index > max_index)
        return fail(Error::file_too_large);
    // A tree of one frame has no node: most files are small.
    while (index >= reach(height_)) {
        if (root_ != 0) {
            const PhysAddr node = TRY(allocate_zeroed_frame());
            node_at(node.value)[0] = root_;
            root_ = node.value;
        }
        ++height_;
    }
    std::uint64_t* at = &root_;
    for (unsigned level = height_; level > 0; --level) {
        if (*at == 0)
            *at = TRY(allocate_zeroed_frame()).value;
        at = node_at(*at) + ((index >> (node_bits * (level - 1))) & (node_entries - 1));
    }
    return at;
}

Result<PhysAddr> SparsePages::find_or_create(std::uint64_t index) {
    std::uint64_t* at = TRY(make_slot(index));
    if (*at == 0) {
        *at = TRY(allocate_zeroed_frame()).value;
        ++size_;
    }
    return PhysAddr{*at};
}

Result<> SparsePages::insert(std::uint64_t index, PhysAddr frame) {
    std::uint64_t* at = TRY(make_slot(index));
    if (*at != 0)
        return fail(Error::exists);
    *at = frame.value;
    ++size_;
    return {};
}

/// Releases [first, last) below a node that starts at `base`; true when the node has nothing left.
bool SparsePages::release_below(
    std::uint64_t* node, unsigned level, std::uint64_t base, std::uint64_t first, std::uint64_t last) {
    const std::uint64_t step = reach(level - 1);
    bool is_empty = true;
    for (std::uint64_t i = 0; i < node_entries; ++i) {
        const std::uint64_t start = base + i * step;
        if (node[i] != 0 && start < last && start + step > first) {
            if (level == 1) {
                release_frame({node[i]});
                --size_;
                node[i] = 0;
            } else if (release_below(node_at(node[i]), level - 1, start, first, last)) {
                free_frame({node[i]});
                node[i] = 0;
            }
        }
        is_empty = is_empty && node[i] == 0;
    }
    return is_empty;
}

void SparsePages::release(std::uint64_t first, std::uint64_t last) {
    if (root_ == 0 || first >= last)
        return;
    if (height_ == 0) {
        if (first != 0)
            return;
        release_frame({root_});
        --size_;
        root_ = 0;
    } else if (release_below(node_at(root_), height_, 0, first, last)) {
        free_frame({root_});
        root_ = 0;
        height_ = 0;
    }
}

std::optional<std::uint64_t>
SparsePages::next_below(const std::uint64_t* node, unsigned level, std::uint64_t base, std::uint64_t from) const {
    const std::uint64_t step = reach(level - 1);
    for (std::uint64_t i = from > base ? (from - base) / step : 0; i < node_entries; ++i) {
        if (node[i] == 0)
            continue;
        const std::uint64_t start = base + i * step;
        if (level == 1)
            return start;
        if (const auto found = next_below(node_at(node[i]), level - 1, start, from))
            return found;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> SparsePages::next_present(std::uint64_t from) const {
    if (root_ == 0 || from >= reach(height_))
        return std::nullopt;
    if (height_ == 0)
        return 0;
    return next_below(node_at(root_), height_, 0, from);
}

} // namespace memory

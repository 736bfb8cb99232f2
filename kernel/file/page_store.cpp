#include "file/page_store.hpp"

#include "file/ramfs.hpp"
#include "memory/frame.hpp"

#include <arch/page_table.hpp>

namespace file {

PageStore::PageStore(RamFileSystem& budget) : budget_(Ref<RamFileSystem>::share(&budget)) {}

PageStore::~PageStore() {
    drop(0, ~std::uint64_t{0});
    thread::MutexGuard guard(lock_);
    if (height_ > 0)
        free_nodes(root_, height_);
}

std::uint64_t* PageStore::entries(std::uint64_t node) {
    return arch::phys_to_virt<std::uint64_t>(PhysAddr{node});
}

void PageStore::free_nodes(std::uint64_t node, unsigned level) {
    if (level > 1)
        for (std::uint64_t i = 0; i < fan_out; ++i)
            if (entries(node)[i])
                free_nodes(entries(node)[i], level - 1);
    memory::free_frames(PhysAddr{node}, 0);
}

/// Adds levels until `index` lies inside the tree.
Result<> PageStore::reserve(std::uint64_t index) {
    while (index >> (bits * height_)) {
        PhysAddr top = TRY(memory::allocate_zeroed_frame());
        entries(top.value)[0] = root_;
        root_ = top.value;
        ++height_;
    }
    return {};
}

/// Where the frame of `index` is noted; null when there is no such place (and none was to be made, or no memory).
std::uint64_t* PageStore::slot(std::uint64_t index, bool make) {
    if (make ? !reserve(index) : index >> (bits * height_) != 0)
        return nullptr;
    std::uint64_t* at = &root_;
    for (unsigned level = height_; level > 0; --level) {
        if (!*at) {
            if (!make)
                return nullptr;
            auto node = memory::allocate_zeroed_frame();
            if (!node)
                return nullptr;
            *at = node->value;
        }
        at = &entries(*at)[(index >> (bits * (level - 1))) & (fan_out - 1)];
    }
    return at;
}

PhysAddr PageStore::find(std::uint64_t index) {
    thread::MutexGuard guard(lock_);
    std::uint64_t* at = slot(index, false);
    if (!at || !*at)
        return {};
    memory::add_frame_reference(PhysAddr{*at});
    return PhysAddr{*at};
}

Result<PhysAddr> PageStore::get(std::uint64_t index) {
    thread::MutexGuard guard(lock_);
    std::uint64_t* at = slot(index, true);
    if (!at)
        return fail(Error::no_memory);
    if (!*at) {
        TRY(budget_->charge(1));
        auto frame = memory::allocate_zeroed_frame();
        if (!frame) {
            budget_->refund(1);
            return fail(Error::no_memory);
        }
        *at = frame->value;
        pages_.fetch_add(1, std::memory_order_relaxed);
    }
    memory::add_frame_reference(PhysAddr{*at});
    return PhysAddr{*at};
}

Result<PhysAddr> PageStore::page(std::uint64_t index, bool) {
    if (index >= (size() + page_size - 1) >> page_shift)
        return fail(Error::out_of_range);
    return get(index);
}

Result<> PageStore::adopt(std::uint64_t index, PhysAddr frame) {
    thread::MutexGuard guard(lock_);
    std::uint64_t* at = slot(index, true);
    if (!at)
        return fail(Error::no_memory);
    if (*at)
        return fail(Error::exists);
    TRY(budget_->charge(1));
    *at = frame.value;
    pages_.fetch_add(1, std::memory_order_relaxed);
    return {};
}

void PageStore::drop_in(
    std::uint64_t node, unsigned level, std::uint64_t base, std::uint64_t first, std::uint64_t last) {
    const std::uint64_t span = std::uint64_t{1} << (bits * (level - 1)); // pages below one slot
    for (std::uint64_t i = 0; i < fan_out; ++i) {
        std::uint64_t start = base + i * span;
        std::uint64_t& at = entries(node)[i];
        if (!at || start + span <= first || start >= last)
            continue;
        if (level > 1) {
            drop_in(at, level - 1, start, first, last);
            continue;
        }
        memory::release_frame(PhysAddr{at});
        budget_->refund(1);
        pages_.fetch_sub(1, std::memory_order_relaxed);
        at = 0;
    }
}

void PageStore::drop(std::uint64_t first, std::uint64_t last) {
    thread::MutexGuard guard(lock_);
    if (!root_ || first >= last)
        return;
    if (height_ > 0)
        return drop_in(root_, height_, 0, first, last);
    if (first == 0) {
        memory::release_frame(PhysAddr{root_});
        budget_->refund(1);
        pages_.fetch_sub(1, std::memory_order_relaxed);
        root_ = 0;
    }
}

std::uint64_t PageStore::next(std::uint64_t index, std::uint64_t end, bool hole) {
    thread::MutexGuard guard(lock_);
    while (index < end) {
        // Go down as far as there are nodes: what is missing is a hole as wide as one slot of that level.
        unsigned level = height_;
        std::uint64_t at = index >> (bits * height_) ? 0 : root_;
        bool outside = at == 0;
        while (level > 0 && at)
            at = entries(at)[(index >> (bits * --level)) & (fan_out - 1)];
        if ((at == 0) == hole)
            return index;
        if (outside)
            return end;
        std::uint64_t width = std::uint64_t{1} << (bits * level);
        index = align_down(index, width) + width;
    }
    return end;
}

} // namespace file

// initialise_frames(): from boot's list of regions to free blocks. It writes a record per reserved frame and per free
// block, not per frame, so that the time does not grow with RAM.

#include "memory/frame_boot.hpp"
#include "boot/boot_info.hpp"
#include "lib/log.hpp"
#include "memory/frame.hpp"

#include <array>

namespace memory {
namespace {

/// Frame numbers [first, last).
struct Range {
    std::uint64_t first, last;
};

/// Ranges in ascending order, none touching another.
class RangeList {
public:
    void add(Range range) {
        if (range.first >= range.last)
            return;
        std::size_t at = count_;
        for (; at > 0 && ranges_[at - 1].first > range.first; --at)
            ranges_[at] = ranges_[at - 1];
        ranges_[at] = range;
        ++count_;
        join();
    }
    const Range* begin() const { return ranges_.data(); }
    const Range* end() const { return ranges_.data() + count_; }
    bool empty() const { return count_ == 0; }
    bool contains(std::uint64_t frame) const {
        for (const Range& range : *this)
            if (frame >= range.first && frame < range.last)
                return true;
        return false;
    }

private:
    void join() {
        std::size_t kept = 0;
        for (std::size_t i = 1; i < count_; ++i) {
            if (ranges_[i].first > ranges_[kept].last)
                ranges_[++kept] = ranges_[i];
            else if (ranges_[i].last > ranges_[kept].last)
                ranges_[kept].last = ranges_[i].last;
        }
        count_ = kept + 1;
    }

    std::array<Range, boot::BootInfo::max_regions + 3> ranges_{};
    std::size_t count_ = 0;
};

/// Calls visit(Range) for the parts of `ram` that are not in `taken`.
template <typename Visit>
void for_each_free(const RangeList& ram, const RangeList& taken, Visit visit) {
    for (const Range& region : ram) {
        std::uint64_t at = region.first;
        for (const Range& hole : taken) {
            if (hole.last <= at || hole.first >= region.last)
                continue;
            if (hole.first > at)
                visit(Range{at, hole.first});
            at = hole.last;
        }
        if (at < region.last)
            visit(Range{at, region.last});
    }
}

void mark_reserved(std::uint64_t number) {
    if (number < detail::frame_table.first || number - detail::frame_table.first >= detail::frame_table.count)
        return;
    Frame& frame = detail::frame_table.frames[number - detail::frame_table.first];
    frame.references.store(0, std::memory_order_relaxed);
    frame.order = 0;
    frame.state = FrameState::reserved;
    frame.size_class = 0;
    frame.code_synchronised = false;
}

/// Beyond the border of RAM at `frame` only those frames are ever looked at that could be the buddy of a block inside.
void mark_border(const RangeList& ram, std::uint64_t border) {
    const std::uint64_t index = border - detail::frame_table.first;
    for (unsigned order = 0; order <= max_order; ++order) {
        const std::uint64_t size = std::uint64_t{1} << order;
        const std::uint64_t up = align_up(index, size);
        for (const std::uint64_t candidate : {align_down(index, size), up, up >= size ? up - size : up})
            if (!ram.contains(candidate + detail::frame_table.first))
                mark_reserved(candidate + detail::frame_table.first);
    }
}

/// Where the records go: the end of the largest free range.
Range place_records(const RangeList& ram, const RangeList& taken, std::uint64_t frames) {
    Range largest{0, 0};
    for_each_free(ram, taken, [&](Range range) {
        if (range.last - range.first > largest.last - largest.first)
            largest = range;
    });
    if (largest.last - largest.first < frames)
        panic("too little memory for the frame records");
    return {largest.last - frames, largest.last};
}

} // namespace

void initialise_frames(const boot::BootInfo& info) {
    RangeList ram;
    for (std::size_t i = 0; i < info.memory_count; ++i) {
        const boot::MemoryRegion& region = info.memory[i];
        ram.add(
            {align_up(region.start.value, page_size) >> page_shift, (region.start.value + region.size) >> page_shift});
    }
    if (ram.empty())
        panic("no memory");
    RangeList taken;
    taken.add({0, 1}); // physical address 0 stands for "none" in several places
    for (std::size_t i = 0; i < info.reserved_count; ++i) {
        const boot::MemoryRegion& region = info.reserved[i];
        taken.add({region.start.frame_number(), align_up(region.start.value + region.size, page_size) >> page_shift});
    }

    // Blocks are aligned by index, and must be by address as well: the first index belongs to an address of the largest
    // alignment.
    const std::uint64_t first = align_down(ram.begin()->first, std::uint64_t{1} << max_order);
    const std::uint64_t count = (ram.end() - 1)->last - first;
    const std::uint64_t record_frames = align_up((count) * sizeof(Frame), page_size) >> page_shift;
    const Range records = place_records(ram, taken, record_frames);
    taken.add(records);
    detail::frame_table = {arch::phys_to_virt<Frame>({records.first << page_shift}), first, count};
    detail::reset_frames();
    detail::reset_pools();
    detail::reset_kernel_map();

    for (const Range& region : ram) {
        mark_border(ram, region.first);
        mark_border(ram, region.last);
    }
    for (const Range& range : taken)
        for (std::uint64_t frame = range.first; frame < range.last; ++frame)
            if (ram.contains(frame))
                mark_reserved(frame);
    for_each_free(ram, taken, [&](Range range) {
        detail::add_free_frames(
            static_cast<std::uint32_t>(range.first - first), static_cast<std::uint32_t>(range.last - first));
    });
    detail::take_zero_frame();
}

} // namespace memory

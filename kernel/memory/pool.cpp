#include "memory/pool.hpp"

#include "lib/log.hpp"
#include "lib/spinlock.hpp"
#include "memory/frame.hpp"
#include "memory/frame_boot.hpp"

#include <array>
#include <bit>
#include <cstdint>

namespace memory {
namespace {

constexpr std::array<std::uint16_t, 21> class_sizes = {16,  32,  48,  64,  80,  96,  112, 128,  160,  192, 224,
                                                       256, 320, 384, 448, 512, 640, 768, 1024, 1344, 2048};
constexpr std::size_t granule = 16;
constexpr std::size_t largest = class_sizes.back();

/// The class of a size in granules.
constexpr auto class_of_granules = [] {
    std::array<std::uint8_t, largest / granule + 1> classes{};
    std::uint8_t current = 0;
    for (std::size_t granules = 0; granules < classes.size(); ++granules) {
        if (granules * granule > class_sizes[current])
            ++current;
        classes[granules] = current;
    }
    return classes;
}();

/// What a slab's frame keeps in Frame::references: how many objects are in use, and the first free one, in granules
/// from the page's start.
struct SlabState {
    std::uint16_t in_use;
    std::uint16_t first_free;
    static constexpr std::uint16_t full = 0xffff;

    static SlabState of(const Frame& frame) {
        return std::bit_cast<SlabState>(frame.references.load(std::memory_order_relaxed));
    }
    void store(Frame& frame) const {
        frame.references.store(std::bit_cast<std::uint32_t>(*this), std::memory_order_relaxed);
    }
};

constexpr std::uint32_t none = ~std::uint32_t{0};

/// The slabs of one size that have a free object, in a list through their frames' records. Full slabs are in no list.
struct SizeClass {
    Spinlock lock;
    std::uint32_t partial GUARDED_BY(lock) = none; // frame indices
    std::uint32_t empty GUARDED_BY(lock) = none;   // one slab without objects
};

constinit std::array<SizeClass, class_sizes.size()> size_classes;

Frame& record(std::uint32_t index) {
    return detail::frame_table.frames[index];
}
std::uint32_t index_of(const Frame& frame) {
    return static_cast<std::uint32_t>(&frame - detail::frame_table.frames);
}
std::byte* page_of(std::uint32_t index) {
    return arch::phys_to_virt<std::byte>({(index + detail::frame_table.first) << page_shift});
}

/// A free object's first bytes hold the place of the next one.
std::uint16_t& link_in(std::byte* page, std::uint16_t place) {
    return *reinterpret_cast<std::uint16_t*>(page + place * granule);
}

void push_partial(SizeClass& size_class, Frame& slab) REQUIRES(size_class.lock) {
    slab.previous = none;
    slab.next = size_class.partial;
    if (slab.next != none)
        record(slab.next).previous = index_of(slab);
    size_class.partial = index_of(slab);
}

void remove_partial(SizeClass& size_class, const Frame& slab) REQUIRES(size_class.lock) {
    if (slab.next != none)
        record(slab.next).previous = slab.previous;
    if (slab.previous != none)
        record(slab.previous).next = slab.next;
    else
        size_class.partial = slab.next;
}

/// Takes an object from a slab of the class; null when all are full.
void* take(SizeClass& size_class) REQUIRES(size_class.lock) {
    std::uint32_t index = size_class.partial;
    if (index == none) {
        index = std::exchange(size_class.empty, none);
        if (index == none)
            return nullptr;
        count_reserve(-1);
        push_partial(size_class, record(index));
    }
    Frame& slab = record(index);
    SlabState state = SlabState::of(slab);
    std::byte* page = page_of(index);
    std::byte* object = page + state.first_free * granule;
    state.first_free = link_in(page, state.first_free);
    ++state.in_use;
    state.store(slab);
    if (state.first_free == SlabState::full)
        remove_partial(size_class, slab);
    return object;
}

/// A frame becomes a slab without objects.
void format_slab(Frame& slab, std::size_t index) {
    slab.size_class = static_cast<std::uint8_t>(index + 1);
    const auto step = static_cast<std::uint16_t>(class_sizes[index] / granule);
    const auto count = static_cast<std::uint16_t>(page_size / class_sizes[index]);
    std::byte* page = page_of(index_of(slab));
    for (std::uint16_t i = 0; i < count; ++i)
        link_in(page, static_cast<std::uint16_t>(i * step)) =
            i + 1 < count ? static_cast<std::uint16_t>((i + 1) * step) : SlabState::full;
    SlabState{.in_use = 0, .first_free = 0}.store(slab);
}

void free_slab(Frame& slab) {
    slab.size_class = 0;
    slab.references.store(1, std::memory_order_relaxed);
    free_frame({(index_of(slab) + detail::frame_table.first) << page_shift});
}

void* allocate_small(std::size_t index) {
    SizeClass& size_class = size_classes[index];
    {
        SpinlockGuard guard(size_class.lock);
        if (void* object = take(size_class))
            return object;
    }
    // Not under the lock: the frame allocator may ask for our empty slabs.
    const Result<PhysAddr> frame = allocate_frame();
    if (!frame)
        return nullptr;
    Frame& slab = frame_of(*frame);
    format_slab(slab, index);
    SpinlockGuard guard(size_class.lock);
    push_partial(size_class, slab);
    return take(size_class);
}

void release_small(Frame& slab, void* object) {
    SizeClass& size_class = size_classes[slab.size_class - 1u];
    SpinlockGuard guard(size_class.lock);
    SlabState state = SlabState::of(slab);
    const auto place =
        static_cast<std::uint16_t>((reinterpret_cast<std::uintptr_t>(object) & (page_size - 1)) / granule);
    const bool was_full = state.first_free == SlabState::full;
    INVARIANT(state.in_use != 0);
    link_in(page_of(index_of(slab)), place) = state.first_free;
    state.first_free = place;
    --state.in_use;
    state.store(slab);
    if (state.in_use != 0) {
        if (was_full)
            push_partial(size_class, slab);
        return;
    }
    if (!was_full)
        remove_partial(size_class, slab);
    if (size_class.empty != none)
        return free_slab(slab);
    size_class.empty = index_of(slab);
    count_reserve(1);
}

unsigned order_of(std::size_t bytes) {
    const std::size_t pages = (bytes + page_size - 1) >> page_shift;
    return static_cast<unsigned>(std::bit_width(pages - 1));
}

} // namespace

void* allocate(std::size_t bytes, std::size_t alignment) {
    if (bytes <= largest && alignment <= largest) {
        std::size_t index = class_of_granules[(bytes + granule - 1) / granule];
        if (alignment > granule)
            while (index < class_sizes.size() && class_sizes[index] % alignment != 0)
                ++index;
        if (index < class_sizes.size())
            return allocate_small(index);
    }
    if (bytes > (page_size << max_order) || alignment > (page_size << max_order))
        return nullptr;
    const Result<PhysAddr> block = allocate_frames(order_of(bytes > alignment ? bytes : alignment));
    return block ? arch::phys_to_virt<void>(*block) : nullptr;
}

void release(void* object) {
    if (!object)
        return;
    const PhysAddr address = arch::virt_to_phys(object);
    Frame& frame = frame_of(address);
    if (frame.size_class != 0)
        release_small(frame, object);
    else
        free_frames(address, frame.order);
}

void release(void* object, std::size_t bytes) {
    static_cast<void>(bytes); // the slab knows
    release(object);
}

void drain_pools() {
    for (SizeClass& size_class : size_classes) {
        SpinlockGuard guard(size_class.lock);
        if (size_class.empty == none)
            continue;
        free_slab(record(std::exchange(size_class.empty, none)));
        count_reserve(-1);
    }
}

void detail::reset_pools() {
    for (SizeClass& size_class : size_classes) {
        SpinlockGuard guard(size_class.lock);
        size_class.partial = size_class.empty = none;
    }
}

} // namespace memory

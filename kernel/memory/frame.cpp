#include "memory/frame.hpp"

#include "lib/log.hpp"
#include "memory/buddy.hpp"
#include "memory/frame_boot.hpp"
#include "memory/pool.hpp"
#include "thread/cpu.hpp"

namespace memory {

namespace detail {
constinit FrameTable frame_table;
constinit PhysAddr zero_frame;
} // namespace detail

namespace {

/// Single frames at hand for one CPU, so that the usual allocation takes no lock and joins no blocks. Touched with
/// interrupts off only.
struct Stock {
    static constexpr std::uint32_t capacity = 32;
    static constexpr unsigned batch_order = 4;        // frames fetched at once from the buddy allocator
    static constexpr std::uint32_t returned_once = 8; // fewer than that: each may join up to the largest block

    std::atomic<std::uint32_t> count{0};
    std::array<std::uint32_t, capacity> frames{};
};

constinit Buddy buddy;
constinit std::array<Stock, thread::max_cpus> stocks;
constinit std::atomic<std::uint64_t> total_frames{0};
constinit std::atomic<std::int64_t> reserve_frames{0};

PhysAddr address_of(std::uint32_t index) {
    return {(index + detail::frame_table.first) << page_shift};
}

std::uint32_t index_of(PhysAddr address) {
    return static_cast<std::uint32_t>(address.frame_number() - detail::frame_table.first);
}

void stock_frame(Stock& stock, std::uint32_t index) {
    Frame& frame = detail::frame_table.frames[index];
    frame.state = FrameState::stocked;
    const std::uint32_t count = stock.count.load(std::memory_order_relaxed);
    stock.frames[count] = index;
    stock.count.store(count + 1, std::memory_order_relaxed);
}

/// Fills an empty stock, with one block if there is one that large. False: there is not a single frame.
bool refill(Stock& stock) {
    buddy.lock.acquire();
    for (unsigned order = Stock::batch_order + 1; order-- > 0;) {
        const std::uint32_t block = buddy.allocate(order);
        if (block == Buddy::none)
            continue;
        for (std::uint32_t i = 1u << order; i-- > 0;) {
            detail::frame_table.frames[block + i].order = 0;
            stock_frame(stock, block + i);
        }
        break;
    }
    buddy.lock.release();
    return stock.count.load(std::memory_order_relaxed) != 0;
}

/// Gives the oldest frames of a full stock back.
void drain(Stock& stock, std::uint32_t amount) {
    buddy.lock.acquire();
    for (std::uint32_t i = 0; i < amount; ++i) {
        detail::frame_table.frames[stock.frames[i]].state = FrameState::allocated;
        buddy.free(stock.frames[i], 0);
    }
    buddy.lock.release();
    const std::uint32_t left = stock.count.load(std::memory_order_relaxed) - amount;
    for (std::uint32_t i = 0; i < left; ++i)
        stock.frames[i] = stock.frames[amount + i];
    stock.count.store(left, std::memory_order_relaxed);
}

Stock& own_stock() {
    return stocks[arch::current_cpu().index];
}

/// In steps: interrupts are off in each of them.
void drain_own_stock() {
    for (std::uint32_t left = 1; left != 0;) {
        InterruptGuard no_interrupts;
        Stock& stock = own_stock();
        drain(stock, std::min(stock.count.load(std::memory_order_relaxed), Stock::returned_once));
        left = stock.count.load(std::memory_order_relaxed);
    }
}

/// One try, without asking others to give frames back.
std::uint32_t take_block(unsigned order) {
    InterruptGuard no_interrupts;
    if (order != 0) {
        buddy.lock.acquire();
        const std::uint32_t block = buddy.allocate(order);
        buddy.lock.release();
        return block;
    }
    Stock& stock = own_stock();
    if (stock.count.load(std::memory_order_relaxed) == 0 && !refill(stock)) [[unlikely]]
        return Buddy::none;
    const std::uint32_t count = stock.count.load(std::memory_order_relaxed) - 1;
    stock.count.store(count, std::memory_order_relaxed);
    const std::uint32_t index = stock.frames[count];
    Frame& frame = detail::frame_table.frames[index];
    frame.state = FrameState::allocated;
    frame.size_class = 0;
    frame.code_synchronised = false;
    frame.references.store(1, std::memory_order_relaxed);
    return index;
}

} // namespace

Result<PhysAddr> allocate_frames(unsigned order) {
    std::uint32_t block = take_block(order);
    if (block == Buddy::none) [[unlikely]] {
        drain_pools();
        if (order != 0)
            drain_own_stock();
        block = take_block(order);
        if (block == Buddy::none)
            return fail(Error::no_memory);
    }
    return address_of(block);
}

void free_frames(PhysAddr block, unsigned order) {
    if (order == 0)
        return free_frame(block);
    SpinlockGuard guard(buddy.lock);
    buddy.free(index_of(block), order);
}

Result<PhysAddr> allocate_frame() {
    return allocate_frames(0);
}

Result<PhysAddr> allocate_zeroed_frame() {
    const PhysAddr frame = TRY(allocate_frames(0));
    arch::zero_page(arch::phys_to_virt<void>(frame));
    return frame;
}

void free_frame(PhysAddr address) {
    const std::uint32_t index = index_of(address);
    const Frame& frame = detail::frame_table.frames[index];
    INVARIANT(frame.state == FrameState::allocated && frame.order == 0);
    InterruptGuard no_interrupts;
    Stock& stock = own_stock();
    if (stock.count.load(std::memory_order_relaxed) == Stock::capacity) [[unlikely]]
        drain(stock, Stock::returned_once);
    stock_frame(stock, index);
}

std::uint64_t free_frame_count() {
    SpinlockGuard guard(buddy.lock);
    std::uint64_t count = buddy.free_frames();
    for (const Stock& stock : stocks)
        count += stock.count.load(std::memory_order_relaxed);
    return count + static_cast<std::uint64_t>(reserve_frames.load(std::memory_order_relaxed));
}

std::uint64_t total_frame_count() {
    return total_frames.load(std::memory_order_relaxed);
}

void count_reserve(std::int64_t frames) {
    reserve_frames.fetch_add(frames, std::memory_order_relaxed);
}

bool is_ram(PhysAddr address) {
    return address.frame_number() >= detail::frame_table.first && index_of(address) < detail::frame_table.count;
}

void adopt_reserved_frames(PhysAddr start, std::uint64_t bytes) {
    const PhysAddr end{align_up(start.value + bytes, page_size)};
    for (PhysAddr at{align_down(start.value, page_size)}; at < end; at = at + page_size) {
        if (!is_ram(at) || frame_of(at).state != FrameState::reserved)
            panic("what the boot loader left does not lie in memory: too little memory?");
        Frame& frame = frame_of(at);
        frame.state = FrameState::allocated;
        frame.order = 0;
        frame.code_synchronised = false;
        frame.references.store(1, std::memory_order_relaxed);
        total_frames.fetch_add(1, std::memory_order_relaxed);
    }
}

namespace detail {

void reset_frames() {
    SpinlockGuard guard(buddy.lock);
    buddy.reset();
    for (Stock& stock : stocks)
        stock.count.store(0, std::memory_order_relaxed);
    total_frames.store(0, std::memory_order_relaxed);
    reserve_frames.store(0, std::memory_order_relaxed);
}

void add_free_frames(std::uint32_t first, std::uint32_t last) {
    SpinlockGuard guard(buddy.lock);
    buddy.add_range(first, last);
    total_frames.fetch_add(last - first, std::memory_order_relaxed);
}

void take_zero_frame() {
    SpinlockGuard guard(buddy.lock);
    const std::uint32_t index = buddy.allocate(0);
    if (index == Buddy::none)
        panic("no memory");
    zero_frame = address_of(index);
    arch::zero_page(arch::phys_to_virt<void>(zero_frame));
}

} // namespace detail

} // namespace memory

// The frame allocator: blocks, stocks, boot's regions, and a random run against a set of owned frames.

#include "boot/boot_info.hpp"
#include "fake/machine.hpp"
#include "memory/frame.hpp"

#include <gtest/gtest.h>
#include <map>
#include <random>
#include <vector>

namespace memory {
namespace {

TEST(Frames, BlocksAreAlignedAndCounted) {
    fake::Machine machine;
    const std::uint64_t before = free_frame_count();
    for (unsigned order = 0; order < 10; ++order) {
        const Result<PhysAddr> block = allocate_frames(order);
        ASSERT_TRUE(block);
        EXPECT_EQ(block->value % (page_size << order), 0u);
        EXPECT_EQ(free_frame_count(), before - (std::uint64_t{1} << order));
        free_frames(*block, order);
        EXPECT_EQ(free_frame_count(), before);
    }
}

TEST(Frames, LastReleaseFrees) {
    fake::Machine machine;
    const std::uint64_t before = free_frame_count();
    const PhysAddr frame = *allocate_zeroed_frame();
    EXPECT_TRUE(frame_is_exclusive(frame));
    add_frame_reference(frame);
    EXPECT_FALSE(frame_is_exclusive(frame));
    release_frame(frame);
    EXPECT_TRUE(frame_is_exclusive(frame));
    EXPECT_EQ(free_frame_count(), before - 1);
    release_frame(frame);
    EXPECT_EQ(free_frame_count(), before);
}

TEST(Frames, ExhaustionIsAnErrorAndEverythingComesBack) {
    fake::Machine machine(2 << 20);
    const std::uint64_t before = free_frame_count();
    std::vector<PhysAddr> frames;
    while (const Result<PhysAddr> frame = allocate_frame())
        frames.push_back(*frame);
    EXPECT_EQ(frames.size(), before);
    EXPECT_EQ(allocate_frame().error(), Error::no_memory);
    EXPECT_EQ(allocate_frames(3).error(), Error::no_memory);
    EXPECT_EQ(allocate_frames(max_order + 1).error(), Error::no_memory);
    for (const PhysAddr frame : frames)
        free_frame(frame);
    EXPECT_EQ(free_frame_count(), before);
    EXPECT_TRUE(allocate_frames(7)); // joined again
}

/// Owned blocks by frame number: none overlaps another, whatever the order of events.
TEST(Frames, RandomBlocksNeverOverlap) {
    fake::Machine machine(32 << 20);
    const std::uint64_t before = free_frame_count();
    std::mt19937 random(1);
    std::map<std::uint64_t, unsigned> owned;
    for (int step = 0; step < 20000; ++step) {
        if (random() % 5 < 3) {
            const unsigned order = random() % 4 ? 0 : random() % 9;
            const Result<PhysAddr> block = allocate_frames(order);
            if (!block)
                continue;
            const std::uint64_t first = block->frame_number(), last = first + (1u << order);
            auto next = owned.lower_bound(first);
            ASSERT_TRUE(next == owned.end() || next->first >= last);
            ASSERT_TRUE(next == owned.begin() || std::prev(next)->first + (1u << std::prev(next)->second) <= first);
            owned.emplace(first, order);
        } else if (!owned.empty()) {
            auto victim = owned.lower_bound(owned.begin()->first + random() % 8192);
            if (victim == owned.end())
                victim = owned.begin();
            free_frames({victim->first << page_shift}, victim->second);
            owned.erase(victim);
        }
    }
    for (const auto& [first, order] : owned)
        free_frames({first << page_shift}, order);
    EXPECT_EQ(free_frame_count(), before);
}

/// RAM with holes, odd borders and reserved parts: exactly the rest is handed out, and the initrd's frames join it
/// later.
TEST(Frames, BootRegionsAreRespected) {
    fake::Machine machine(16 << 20);
    constexpr std::uint64_t ram = 0x4000'0000;
    boot::BootInfo info;
    info.memory[0] = {.start = {ram + 0x3800}, .size = 0x51'0000};
    info.memory[1] = {.start = {ram + 0x70'1000}, .size = 0x80'0000};
    info.memory_count = 2;
    info.reserved[0] = {.start = {ram + 0x10'0000}, .size = 0x2'0001};
    info.reserved[1] = {.start = {ram + 0x12'0800}, .size = 0x1000};
    info.reserved[2] = {.start = {ram + 0x90'3000}, .size = 0x5'5000}; // the initrd
    info.reserved_count = 3;
    initialise_frames(info);

    const auto is_usable = [](std::uint64_t at) {
        const auto inside = [at](std::uint64_t start, std::uint64_t end) {
            return at >= ram + start && at < ram + end;
        };
        return (inside(0x4000, 0x51'3000) || inside(0x70'1000, 0xf0'1000)) && !inside(0x10'0000, 0x12'2000)
               && !inside(0x90'3000, 0x95'8000);
    };
    const std::uint64_t before = free_frame_count();
    EXPECT_EQ(before + 1, total_frame_count()); // one is the frame of zeros
    std::vector<PhysAddr> frames;
    while (const Result<PhysAddr> frame = allocate_frame()) {
        ASSERT_TRUE(is_usable(frame->value)) << std::hex << frame->value;
        frames.push_back(*frame);
    }
    EXPECT_EQ(frames.size(), before);
    for (const PhysAddr frame : frames)
        free_frame(frame);

    adopt_reserved_frames({ram + 0x90'3000}, 0x5'5000);
    EXPECT_EQ(free_frame_count(), before);
    for (std::uint64_t at = 0; at < 0x5'5000; at += page_size)
        release_frame({ram + 0x90'3000 + at});
    EXPECT_EQ(free_frame_count(), before + 0x55);
    EXPECT_EQ(total_frame_count(), before + 1 + 0x55);
}

} // namespace
} // namespace memory

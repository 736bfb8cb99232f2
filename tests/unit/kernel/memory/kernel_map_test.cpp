// The kernel's window: stacks with guard pages, device registers.

#include "fake/machine.hpp"
#include "memory/frame.hpp"
#include "memory/kernel_map.hpp"
#include "memory/page_table.hpp"

#include <gtest/gtest.h>
#include <set>
#include <vector>

namespace memory {
namespace {

class KernelMapTest : public testing::Test {
protected:
    KernelMapTest() { table_.use_root(arch::kernel_root()); }
    bool is_mapped(std::uintptr_t address) {
        const PageTable::Slot slot = table_.find(address);
        return slot.entry && PageTable::Format::is_present(slot.load());
    }

    fake::Machine machine_;
    PageTable table_;
};

TEST_F(KernelMapTest, StacksHaveGuardPages) {
    std::set<std::uintptr_t> tops;
    for (int i = 0; i < 100; ++i) {
        const std::uintptr_t top = *allocate_kernel_stack();
        EXPECT_TRUE(tops.insert(top).second);
        EXPECT_EQ(top % (2 * kernel_stack_size), 0u);
        for (std::size_t at = page_size; at <= kernel_stack_size; at += page_size)
            EXPECT_TRUE(is_mapped(top - at));
        EXPECT_FALSE(is_mapped(top - kernel_stack_size - page_size));
        EXPECT_FALSE(is_mapped(top));
    }
}

TEST_F(KernelMapTest, StacksComeBackWithAllTheirFrames) {
    free_kernel_stack(*allocate_kernel_stack()); // the tables stay
    std::vector<std::uintptr_t> stacks;
    const std::uint64_t before = free_frame_count();
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 40; ++i)
            stacks.push_back(*allocate_kernel_stack());
        EXPECT_EQ(free_frame_count(), before - 40 * kernel_stack_size / page_size);
        for (const std::uintptr_t top : stacks)
            free_kernel_stack(top);
        stacks.clear();
        EXPECT_EQ(free_frame_count(), before);
    }
}

TEST_F(KernelMapTest, WithoutMemoryNothingIsLost) {
    free_kernel_stack(*allocate_kernel_stack());
    std::vector<std::uintptr_t> stacks;
    while (const Result<std::uintptr_t> stack = allocate_kernel_stack())
        stacks.push_back(*stack);
    EXPECT_LT(free_frame_count(), kernel_stack_size / page_size);
    const std::uintptr_t last = stacks.back();
    free_kernel_stack(last);
    EXPECT_EQ(*allocate_kernel_stack(), last);
}

TEST_F(KernelMapTest, DevicesKeepTheirOffset) {
    const auto at = reinterpret_cast<std::uintptr_t>(*map_device({0x900'0004}, 0x100));
    EXPECT_EQ(at % page_size, 4u);
    EXPECT_EQ(PageTable::frame(table_.find(at).load()).value, 0x900'0000u);
    EXPECT_TRUE(PageTable::Format::rights(table_.find(at).load()).device);
    const std::uint64_t free = free_frame_count();
    const auto large = reinterpret_cast<std::uintptr_t>(*map_device({0x10'0020'0000}, 256 << 20));
    EXPECT_EQ(large % (2 << 20), 0u);
    EXPECT_LE(free - free_frame_count(), 3u); // by blocks
    EXPECT_FALSE(map_device({0}, ~std::size_t{0} / 2));
}

} // namespace
} // namespace memory

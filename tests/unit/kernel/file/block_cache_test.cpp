// The block cache by itself: what it keeps, what gives way, what a failing disk leaves.

#include "fake/disk.hpp"
#include "fake/machine.hpp"
#include "file/block_cache.hpp"

#include <array>
#include <gtest/gtest.h>
#include <optional>

namespace file {
namespace {

class BlockCacheTest : public testing::Test {
protected:
    fake::Machine machine;
    fake::Disk disk{std::vector<std::uint8_t>(16 * BlockCache::block_bytes)};
    BlockCache cache{disk, 2};
};

TEST_F(BlockCacheTest, HasMoreThanItsLimitOnlyWhileInUse) {
    {
        std::array<std::optional<BlockRef>, 4> held;
        for (std::uint32_t i = 0; i < held.size(); ++i)
            held[i].emplace(*cache.read(i));
        EXPECT_EQ(cache.size(), 4u);
    }
    EXPECT_EQ(cache.size(), 2u);
}

TEST_F(BlockCacheTest, TheOldestGivesWay) {
    for (const std::uint32_t number : {0u, 1u, 0u, 2u})
        ASSERT_TRUE(cache.read(number));
    const unsigned before = disk.reads;
    ASSERT_TRUE(cache.read(0));
    EXPECT_EQ(disk.reads, before);
    ASSERT_TRUE(cache.read(1));
    EXPECT_EQ(disk.reads, before + 1);
}

TEST_F(BlockCacheTest, PinnedBlocksStay) {
    CachedBlock* pinned = nullptr;
    {
        const auto block = cache.read(5);
        pinned = &block->block();
        cache.pin(*pinned);
    }
    for (std::uint32_t number = 0; number < 4; ++number)
        ASSERT_TRUE(cache.read(number));
    const unsigned before = disk.reads;
    ASSERT_TRUE(cache.read(5));
    EXPECT_EQ(disk.reads, before);
    cache.unpin(*pinned);
}

TEST_F(BlockCacheTest, AFailedReadIsTriedAgain) {
    disk.reads_until_failure = 0;
    EXPECT_FALSE(cache.read(3));
    disk.reads_until_failure = -1;
    EXPECT_TRUE(cache.read(3));
}

} // namespace
} // namespace file

// Kernel objects: sizes, alignment, no overlap, and what is kept counts as free.

#include "fake/machine.hpp"
#include "memory/frame.hpp"
#include "memory/pool.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace memory {
namespace {

TEST(Pools, AlignmentIsAsPromised) {
    fake::Machine machine;
    for (std::size_t bytes = 1; bytes <= 3 * page_size; bytes += 7) {
        void* object = allocate(bytes);
        ASSERT_NE(object, nullptr);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(object) % 16, 0u);
        std::memset(object, 0x5a, bytes);
        release(object, bytes);
    }
    for (std::size_t bytes = 16; bytes <= 4 * page_size; bytes *= 2) {
        void* object = allocate(bytes);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(object) % (bytes < page_size ? bytes : page_size), 0u) << bytes;
        release(object, bytes);
    }
    for (std::size_t alignment : {32u, 64u, 128u, 512u, 4096u}) {
        void* object = allocate(3 * alignment, alignment);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(object) % alignment, 0u) << alignment;
        release(object, 3 * alignment);
    }
    release(nullptr);
}

TEST(Pools, HugeRequestsFail) {
    fake::Machine machine;
    EXPECT_EQ(allocate(std::size_t{1} << 40), nullptr);
    EXPECT_EQ(allocate(~std::size_t{0}), nullptr);
    EXPECT_EQ(allocate(1 << 30), nullptr);
}

TEST(Pools, RandomObjectsKeepTheirContents) {
    fake::Machine machine(32 << 20);
    const std::uint64_t before = free_frame_count();
    struct Object {
        unsigned char* at;
        std::size_t bytes;
        unsigned char mark;
    };
    std::vector<Object> objects;
    std::mt19937 random(2);
    for (int step = 0; step < 30000; ++step) {
        if (random() % 2 || objects.empty()) {
            const std::size_t bytes = random() % 50 ? 1 + random() % 2500 : 1 + random() % 40000;
            auto* at = static_cast<unsigned char*>(allocate(bytes));
            if (!at)
                continue;
            objects.push_back({at, bytes, static_cast<unsigned char>(random())});
            std::memset(at, objects.back().mark, bytes);
        } else {
            const std::size_t i = random() % objects.size();
            const Object object = objects[i];
            for (std::size_t b : {std::size_t{0}, object.bytes / 2, object.bytes - 1})
                ASSERT_EQ(object.at[b], object.mark);
            release(object.at, object.bytes);
            objects[i] = objects.back();
            objects.pop_back();
        }
    }
    for (const Object& object : objects)
        release(object.at, object.bytes);
    EXPECT_EQ(free_frame_count(), before); // empty slabs count as free
    drain_pools();
    EXPECT_EQ(free_frame_count(), before); // and are
}

TEST(Pools, ShortOfFramesTheKeptSlabsAreUsed) {
    fake::Machine machine(2 << 20);
    release(allocate(100), 100); // leaves an empty slab behind
    const std::uint64_t free = free_frame_count();
    std::uint64_t got = 0;
    while (allocate_frame())
        ++got;
    EXPECT_EQ(got, free);
    EXPECT_EQ(allocate(100), nullptr);
}

} // namespace
} // namespace memory

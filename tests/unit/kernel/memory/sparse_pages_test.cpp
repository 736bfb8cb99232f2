#include "fake/machine.hpp"
#include "memory/frame.hpp"
#include "memory/sparse_pages.hpp"

#include <gtest/gtest.h>
#include <map>
#include <random>

namespace memory {
namespace {

TEST(SparsePages, ARandomRunAgainstAMap) {
    fake::Machine machine(32 << 20);
    const std::uint64_t before = free_frame_count();
    {
        SparsePages pages;
        std::map<std::uint64_t, PhysAddr> model;
        std::mt19937_64 random(3);
        const auto any_index = [&] {
            return random() % 3 ? random() % 40 : random() % (std::uint64_t{1} << (random() % 37));
        };
        for (int step = 0; step < 5000; ++step) {
            const std::uint64_t index = any_index();
            switch (random() % 5) {
            case 0:
            case 1: {
                const Result<PhysAddr> frame = pages.find_or_create(index);
                if (index > SparsePages::max_index) {
                    ASSERT_FALSE(frame);
                    break;
                }
                ASSERT_TRUE(frame);
                ASSERT_TRUE(model.try_emplace(index, *frame).first->second == *frame);
                break;
            }
            case 2: {
                const auto found = pages.find(index);
                ASSERT_EQ(found.has_value(), model.contains(index));
                break;
            }
            case 3: {
                const auto next = pages.next_present(index);
                const auto expected = model.lower_bound(index);
                ASSERT_EQ(next.has_value(), expected != model.end());
                if (next)
                    ASSERT_EQ(*next, expected->first);
                break;
            }
            default: {
                const std::uint64_t last = random() % 4 ? index + random() % 20 : SparsePages::max_index + 1;
                if (random() % 8 == 0 || last <= SparsePages::max_index) {
                    pages.release(index, last);
                    model.erase(model.lower_bound(index), model.lower_bound(last));
                }
            }
            }
            ASSERT_EQ(pages.size(), model.size());
        }
    }
    EXPECT_EQ(free_frame_count(), before);
}

TEST(SparsePages, InsertTakesOnlyHoles) {
    fake::Machine machine;
    SparsePages pages;
    const PhysAddr frame = *allocate_frame();
    EXPECT_TRUE(pages.insert(7, frame));
    EXPECT_EQ(pages.insert(7, frame).error(), Error::exists);
    EXPECT_EQ(pages.insert(SparsePages::max_index + 1, frame).error(), Error::file_too_large);
    EXPECT_EQ(pages.find(7)->value, frame.value);
}

} // namespace
} // namespace memory

#include "abi/sel4/object/nesting.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace {

using abi::sel4::Nesting;
using abi::sel4::Region;
using enum Nesting::Fault;

struct Step {
    Region region;
    std::uint64_t used = 0; // untyped memory: how much of it was handed out
};

/// What the last step of a list is answered; those before it are good.
Nesting::Fault last_of(const std::vector<Step>& list) {
    Nesting nesting;
    for (std::size_t i = 0; i + 1 < list.size(); ++i)
        EXPECT_EQ(nesting.add(list[i].region, list[i].used), none) << "step " << i;
    return nesting.add(list.back().region, list.back().used);
}

constexpr Step memory{{0x1000, 0x2000}, 0x800};

TEST(Nesting, ChildrenLieBelowTheWatermarkNewestFirst) {
    EXPECT_EQ(last_of({memory, {{0x1400, 0x1800}}, {{0x1000, 0x1400}}}), none);
}

TEST(Nesting, AnObjectBeyondTheWatermark) {
    EXPECT_EQ(last_of({memory, {{0x1800, 0x1810}}}), not_handed_out);
    EXPECT_EQ(last_of({memory, {{0x1400, 0x1c00}}}), not_handed_out);
}

TEST(Nesting, SiblingsThatOverlap) {
    EXPECT_EQ(last_of({memory, {{0x1000, 0x1400}}, {{0x1200, 0x1600}}}), overlap);
    EXPECT_EQ(last_of({memory, {{0x1200, 0x1600}}, {{0x1000, 0x1400}}}), overlap);
    EXPECT_EQ(last_of({memory, {{0x1000, 0x1400}}, {{0x1000, 0x1800}}}), overlap);
}

TEST(Nesting, AnObjectInsideAnotherThatIsNoMemory) {
    EXPECT_EQ(last_of({memory, {{0x1000, 0x1400}}, {{0x1000, 0x1010}}}), overlap);
}

TEST(Nesting, CopiesNameTheSame) {
    EXPECT_EQ(last_of({memory, {{0x1000, 0x1400}}, {{0x1000, 0x1400}}, {{0x1000, 0x1400}}}), none);
}

TEST(Nesting, MemoryInMemory) {
    EXPECT_EQ(
        last_of({memory, {{0x1400, 0x1800}, 0x10}, {{0x1400, 0x1410}}, {{0x1000, 0x1400}, 0x400}, {{0x1200, 0x1400}}}),
        none);
    // Behind what was made of the inner one, the outer one's own children may not reach into the inner one.
    EXPECT_EQ(last_of({memory, {{0x1400, 0x1800}, 0x400}, {{0x1600, 0x1800}}, {{0x1300, 0x1500}}}), overlap);
}

TEST(Nesting, MemoryWithACopyIsUsedUp) {
    EXPECT_EQ(last_of({{{0x1000, 0x2000}, 0x1000}, {{0x1000, 0x2000}, 0x10}, {{0x1000, 0x1010}}}), none);
    EXPECT_EQ(last_of({memory, {{0x1000, 0x2000}, 0x10}}), not_handed_out);
}

TEST(Nesting, WhatIsLeftOfDeletedMemory) { // the list has no common parent any more
    EXPECT_EQ(last_of({{{0x1400, 0x1800}}, {{0x1000, 0x1400}}}), none);
    EXPECT_EQ(last_of({{{0x1000, 0x1400}}, {{0x1200, 0x1600}}}), overlap);
    EXPECT_EQ(last_of({{{0x1200, 0x1600}}, {{0x1000, 0x1400}}}), overlap);
}

} // namespace

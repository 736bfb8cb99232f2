// A virtqueue against a device that is played here, an honest one and one that lies.

#include "device/virtio/virtqueue.hpp"

#include "fake/machine.hpp"

#include <arch/page_table.hpp>
#include <array>
#include <cstring>
#include <gtest/gtest.h>

namespace device::virtio {
namespace {

// The layout of the specification (2.7), written down a second time.
struct Descriptor {
    std::uint64_t address;
    std::uint32_t bytes;
    std::uint16_t flags, next;
};
struct UsedElement {
    std::uint32_t id, bytes;
};

class VirtqueueTest : public testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(queue.create(8)); }

    Descriptor& descriptor(unsigned i) { return arch::phys_to_virt<Descriptor>(queue.descriptors())[i]; }
    std::uint16_t available(unsigned i) { return arch::phys_to_virt<std::uint16_t>(queue.available())[i]; }
    /// The device finishes with a request.
    void finish(std::uint32_t head, std::uint32_t bytes) {
        auto* used = arch::phys_to_virt<std::uint16_t>(queue.used());
        UsedElement element{head, bytes};
        std::memcpy(
            reinterpret_cast<std::byte*>(used + 2) + used[1] % queue.size() * sizeof element, &element, sizeof element);
        ++used[1];
    }
    static Buffer out(std::uint64_t address, std::uint32_t bytes) { return {PhysAddr{address}, bytes, false}; }
    static Buffer in(std::uint64_t address, std::uint32_t bytes) { return {PhysAddr{address}, bytes, true}; }

    fake::Machine machine;
    Virtqueue queue;
};

TEST_F(VirtqueueTest, SizesArePowersOfTwo) {
    EXPECT_EQ(queue.size(), 8);
    Virtqueue odd;
    ASSERT_TRUE(odd.create(100));
    EXPECT_EQ(odd.size(), 64);
    Virtqueue none;
    EXPECT_FALSE(none.create(0));
}

TEST_F(VirtqueueTest, ChainsBuffers) {
    const std::array request{out(0x1000, 16), in(0x2000, 512), in(0x3000, 1)};
    ASSERT_TRUE(queue.add(request, 42));
    EXPECT_EQ(available(1), 0);
    EXPECT_TRUE(queue.publish());
    EXPECT_EQ(available(1), 1);
    unsigned head = available(2);
    EXPECT_EQ(descriptor(head).address, 0x1000u);
    EXPECT_EQ(descriptor(head).flags, 1); // next
    unsigned second = descriptor(head).next;
    EXPECT_EQ(descriptor(second).flags, 3); // next, device writes
    EXPECT_EQ(descriptor(descriptor(second).next).flags, 2);
    EXPECT_FALSE(queue.take());
    finish(head, 100);
    auto done = queue.take();
    ASSERT_TRUE(done);
    EXPECT_EQ(done->token, 42);
    EXPECT_EQ(done->bytes, 100u);
    EXPECT_EQ(queue.free_descriptors(), 8);
}

TEST_F(VirtqueueTest, FillsUpAndDrainsInAnyOrder) {
    for (std::uint16_t i = 0; i < 8; ++i) {
        const Buffer one = in(0x1000u * i, 64);
        ASSERT_TRUE(queue.add({&one, 1}, i));
    }
    const Buffer extra = in(0, 1);
    EXPECT_EQ(queue.add({&extra, 1}, 9).error(), Error::no_space);
    (void)queue.publish();
    for (std::uint32_t head : {7u, 0u, 3u, 1u, 2u, 6u, 5u, 4u}) {
        finish(head, head);
        auto done = queue.take();
        ASSERT_TRUE(done);
        EXPECT_EQ(done->token, head);
    }
    for (int round = 0; round < 100; ++round) {
        const Buffer one = in(0, 64);
        ASSERT_TRUE(queue.add({&one, 1}, 1));
        (void)queue.publish();
        finish(available(2 + static_cast<unsigned>(available(1) - 1) % 8), 1);
        ASSERT_TRUE(queue.take());
    }
}

TEST_F(VirtqueueTest, DoesNotBelieveTheDevice) {
    const Buffer one = in(0x1000, 64);
    ASSERT_TRUE(queue.add({&one, 1}, 5));
    (void)queue.publish();
    finish(1000, 1); // no such descriptor
    finish(3, 1);    // never offered
    EXPECT_FALSE(queue.take());
    finish(0, 1 << 20); // more than there is room for
    auto done = queue.take();
    ASSERT_TRUE(done);
    EXPECT_EQ(done->bytes, 64u);
    finish(0, 1); // once more
    EXPECT_FALSE(queue.take());
    EXPECT_EQ(queue.free_descriptors(), 8);
}

TEST_F(VirtqueueTest, AsksForSilence) {
    queue.want_interrupts(false);
    EXPECT_EQ(available(0), 1);
    queue.want_interrupts(true);
    EXPECT_EQ(available(0), 0);
    arch::phys_to_virt<std::uint16_t>(queue.used())[0] = 1;
    EXPECT_FALSE(queue.publish());
}

} // namespace
} // namespace device::virtio

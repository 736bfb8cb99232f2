// The virtio block driver against a device that is played here.

#include "device/virtio/block.hpp"

#include "fake/machine.hpp"
#include "memory/frame.hpp"

#include <arch/page_table.hpp>
#include <cstring>
#include <gtest/gtest.h>
#include <map>

namespace device::virtio {
namespace {

struct Descriptor {
    std::uint64_t address;
    std::uint32_t bytes;
    std::uint16_t flags, next;
};

/// Answers each request as soon as it is told of it.
class FakeDisk final : public Transport {
public:
    explicit FakeDisk(std::size_t sectors) : medium(sectors * sector_bytes) {}

    DeviceType type() const override { return DeviceType::block; }
    bool is_modern() const override { return true; }
    std::uint64_t device_features() override { return features; }
    void set_driver_features(std::uint64_t wanted) override { agreed = wanted; }
    std::uint8_t status() override { return state; }
    void set_status(std::uint8_t status) override { state = status; }
    std::uint16_t max_queue_size(std::uint16_t index) override { return index == 0 ? queue_limit : std::uint16_t{0}; }
    Result<> start_queue(std::uint16_t, const Virtqueue& wanted) override {
        queue = &wanted;
        return {};
    }
    std::uint32_t read_config32(std::size_t offset) override {
        return offset == 0 ? static_cast<std::uint32_t>(medium.size() / sector_bytes) : 0;
    }
    Result<> start_interrupts(void (*)(void*), void*) override { return {}; }

    void notify(std::uint16_t) override {
        auto* available = arch::phys_to_virt<std::uint16_t>(queue->available());
        unsigned together = 0;
        while (seen != available[1]) {
            answer(available[2 + seen++ % queue->size()]);
            ++together;
        }
        most_together = together > most_together ? together : most_together;
    }

    std::uint64_t features = feature_version_1 | 1u << 9;
    std::uint64_t agreed = 0;
    std::uint16_t queue_limit = 64;
    std::uint8_t state = 0;
    std::vector<std::byte> medium;
    const Virtqueue* queue = nullptr;
    std::uint16_t seen = 0;
    std::map<std::uint64_t, std::uint8_t> broken; // sector → status
    unsigned flushes = 0, most_together = 0;

private:
    void answer(std::uint16_t head) {
        const auto* table = arch::phys_to_virt<Descriptor>(queue->descriptors());
        const Descriptor& first = table[head];
        EXPECT_EQ(first.bytes, 16u);
        const auto* header = arch::phys_to_virt<std::uint32_t>(PhysAddr{first.address});
        std::uint64_t sector;
        std::memcpy(&sector, header + 2, sizeof sector);
        const Descriptor* next = &table[first.next];
        std::uint8_t result = broken.contains(sector) ? broken[sector] : std::uint8_t{0};
        if (header[0] == 4) {
            ++flushes;
        } else {
            std::byte* memory = arch::phys_to_virt<std::byte>(PhysAddr{next->address});
            EXPECT_EQ((next->flags & 2) != 0, header[0] == 0); // the device writes what the driver reads
            std::byte* there = medium.data() + sector * sector_bytes;
            if (result == 0)
                std::memcpy(header[0] == 0 ? memory : there, header[0] == 0 ? there : memory, next->bytes);
            next = &table[next->next];
        }
        EXPECT_EQ(next->bytes, 1u);
        EXPECT_EQ(next->flags, 2u);
        *arch::phys_to_virt<std::uint8_t>(PhysAddr{next->address}) = result;
        auto* used = arch::phys_to_virt<std::uint16_t>(queue->used());
        const std::uint32_t element[2] = {head, 1};
        std::memcpy(reinterpret_cast<std::byte*>(used + 2) + used[1] % queue->size() * 8u, element, sizeof element);
        ++used[1];
    }
};

class VirtioBlockTest : public testing::Test {
protected:
    void SetUp() override { memory_page = *memory::allocate_zeroed_frame(); }
    std::byte* page() { return arch::phys_to_virt<std::byte>(memory_page); }
    BlockTransfer piece(std::uint64_t sector, std::uint32_t bytes, std::uint32_t at = 0) {
        return {.sector = sector, .memory = memory_page + at, .bytes = bytes};
    }

    fake::Machine machine;
    PhysAddr memory_page{};
    FakeDisk disk{1024};
};

TEST_F(VirtioBlockTest, MovesSectors) {
    Block block(disk, 'a');
    ASSERT_TRUE(block.start());
    EXPECT_EQ(block.name(), "vda");
    EXPECT_EQ(block.sectors(), 1024u);
    EXPECT_FALSE(block.is_read_only());
    page()[0] = std::byte{17};
    page()[1023] = std::byte{18};
    const BlockTransfer whole = piece(10, 1024);
    ASSERT_TRUE(block.write({&whole, 1}));
    EXPECT_EQ(disk.medium[10 * 512], std::byte{17});
    EXPECT_EQ(disk.medium[12 * 512 - 1], std::byte{18});
    const BlockTransfer second = piece(11, 512, 2048);
    ASSERT_TRUE(block.read({&second, 1}));
    EXPECT_EQ(page()[2048 + 511], std::byte{18});
    ASSERT_TRUE(block.flush());
    EXPECT_EQ(disk.flushes, 1u);
}

TEST_F(VirtioBlockTest, HasSeveralUnderWay) {
    Block block(disk, 'a');
    ASSERT_TRUE(block.start());
    std::vector<BlockTransfer> pieces;
    for (unsigned i = 0; i < 100; ++i)
        pieces.push_back(piece(i, 512, i % 8 * 512));
    ASSERT_TRUE(block.read(pieces));
    EXPECT_EQ(disk.most_together, 21u); // three descriptors each of 64
}

TEST_F(VirtioBlockTest, TellsOfErrors) {
    Block block(disk, 'a');
    ASSERT_TRUE(block.start());
    disk.broken[5] = 1; // VIRTIO_BLK_S_IOERR
    disk.broken[6] = 2; // VIRTIO_BLK_S_UNSUPP
    disk.broken[7] = 0xff;
    for (std::uint64_t sector = 5; sector <= 7; ++sector) {
        const std::array pieces{piece(4, 512), piece(sector, 512), piece(8, 512)};
        EXPECT_EQ(block.read(pieces).error(), Error::io);
        EXPECT_EQ(block.write(pieces).error(), Error::io);
    }
    const BlockTransfer good = piece(4, 512);
    for (int i = 0; i < 100; ++i)
        EXPECT_TRUE(block.read({&good, 1}));
}

TEST_F(VirtioBlockTest, RefusesWhatIsNotThere) {
    Block block(disk, 'a');
    ASSERT_TRUE(block.start());
    for (const BlockTransfer& wrong :
         {piece(1024, 512), piece(1023, 1024), piece(~0ull, 512), piece(~0ull - 1, 1024), piece(0, 0), piece(0, 100)})
        EXPECT_EQ(block.read({&wrong, 1}).error(), Error::out_of_range);
    EXPECT_EQ(disk.seen, 0);
}

TEST_F(VirtioBlockTest, KeepsToReadOnly) {
    disk.features |= 1u << 5;
    Block block(disk, 'a');
    ASSERT_TRUE(block.start());
    EXPECT_TRUE(block.is_read_only());
    const BlockTransfer one = piece(0, 512);
    EXPECT_EQ(block.write({&one, 1}).error(), Error::read_only);
    EXPECT_TRUE(block.read({&one, 1}));
}

TEST_F(VirtioBlockTest, NeedsNoFlushWithoutACache) {
    disk.features = feature_version_1;
    Block block(disk, 'b');
    ASSERT_TRUE(block.start());
    EXPECT_TRUE(block.flush());
    EXPECT_EQ(disk.seen, 0);
}

TEST_F(VirtioBlockTest, NeedsAQueue) {
    disk.queue_limit = 0;
    Block block(disk, 'a');
    EXPECT_FALSE(block.start());
    disk.queue_limit = 2;
    Block small(disk, 'a');
    EXPECT_FALSE(small.start());
}

} // namespace
} // namespace device::virtio

// PCI functions against a host bridge of one function behind one bridge.

#include "device/pci/pci.hpp"

#include <array>
#include <gtest/gtest.h>
#include <vector>

namespace {

using namespace device;

class FakeHost final : public pci::Host {
public:
    std::uint32_t read(pci::Address function, std::uint16_t offset) override {
        if (function.bus == 0 && function.device == 3 && function.function == 0)
            return bridge[offset / 4];
        if (function.bus == 1 && function.device == 0 && function.function == 0)
            return card[offset / 4];
        return ~0u;
    }
    void write(pci::Address function, std::uint16_t offset, std::uint32_t value) override {
        if (function.bus != 1)
            return;
        const std::uint32_t mask = offset == 0x10   ? 0xffff'c000
                                   : offset == 0x14 ? ~0u
                                   : offset == 0x18 ? 0xffff'ffe0
                                                    : 0;
        if (mask != 0)
            card[offset / 4] = (value & mask) | (card[offset / 4] & ~mask);
        else
            card[offset / 4] = value;
    }
    Result<pci::MessageInterrupt> allocate_message() override { return fail(Error::no_space); }
    Result<InterruptLine> route(pci::Address, unsigned pin) override {
        return InterruptLine{16 + pin, Trigger::level_high};
    }

    std::array<std::uint32_t, 64> bridge{}, card{};
};

FakeHost make_host() {
    FakeHost host;
    host.bridge[0] = 0x1234'8086;
    host.bridge[3] = 1 << 16; // header type: bridge
    host.bridge[6] = 1 << 8;  // secondary bus
    host.card[0] = 0x1041'1af4;
    host.card[1] = 0x0010'0003; // capabilities; memory and ports decoded
    host.card[4] = 0x0000'000c; // 64-bit, prefetchable
    host.card[5] = 0x0000'0008;
    host.card[6] = 0x0000'c001;
    host.card[13] = 0x40;
    host.card[15] = 0x0200; // INTB
    host.card[16] = 0x0000'5009;
    host.card[20] = 0x0000'4011; // a list that loops
    return host;
}

TEST(Pci, FindsFunctionsBehindBridges) {
    FakeHost host = make_host();
    std::vector<unsigned> found;
    pci::for_each_function(
        host,
        [](void* list, const pci::Function& f) { static_cast<std::vector<unsigned>*>(list)->push_back(f.device()); },
        &found);
    EXPECT_EQ(found, (std::vector<unsigned>{0x1234, 0x1041}));
}

TEST(Pci, SizesBarsAndLeavesThemAsTheyWere) {
    FakeHost host = make_host();
    const pci::Function card(host, {1, 0, 0});
    const auto memory = card.bar(0);
    ASSERT_TRUE(memory.has_value());
    EXPECT_EQ(memory->start.value, 0x8'0000'0000u);
    EXPECT_EQ(memory->size, 0x4000u);
    const auto port = card.bar(2);
    ASSERT_TRUE(port.has_value());
    EXPECT_TRUE(port->port);
    EXPECT_EQ(port->start.value, 0xc000u);
    EXPECT_EQ(port->size, 0x20u);
    EXPECT_FALSE(card.bar(3).has_value());
    EXPECT_FALSE(card.bar(6).has_value());
    EXPECT_EQ(host.card[4], 0x0000'000cu);
    EXPECT_EQ(host.card[5], 0x0000'0008u);
    EXPECT_EQ(host.card[1] & 0xffff, 3u);
}

TEST(Pci, PlacesBarsThatHaveNoPlace) {
    FakeHost host = make_host();
    const pci::Function card(host, {1, 0, 0});
    pci::AddressWindow window({0x1000'0100}, 0x10'0000);
    ASSERT_TRUE(card.place_bars(window));
    EXPECT_EQ(card.bar(0)->start.value, 0x8'0000'0000u) << "it had one";
    host.card[5] = 0;
    ASSERT_TRUE(card.place_bars(window));
    EXPECT_EQ(card.bar(0)->start.value, 0x1000'4000u) << "naturally aligned";
    EXPECT_EQ(host.card[4] & 15, 12u);
    EXPECT_EQ(card.bar(2)->start.value, 0xc000u) << "ports stay";
    host.card[4] = 12;
    pci::AddressWindow small({0x1000'0000}, 0x2000);
    EXPECT_EQ(card.place_bars(small).error(), Error::no_space);
    EXPECT_FALSE(card.bar(0).has_value());
}

TEST(Pci, CapabilityListsMayLoop) {
    FakeHost host = make_host();
    const pci::Function card(host, {1, 0, 0});
    EXPECT_EQ(card.capability(0x09), 0x40);
    EXPECT_EQ(card.capability(0x11), 0x50);
    EXPECT_EQ(card.capability(0x05), std::nullopt);
    EXPECT_EQ(card.pin_interrupt()->irq, 18u);
}

} // namespace

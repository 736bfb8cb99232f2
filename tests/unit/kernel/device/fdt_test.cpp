// Reading device trees: a small machine written token by token, and every way in which a blob can be cut short.

#include "device/fdt.hpp"

#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

namespace {

/// Writes a blob as Devicetree Specification chapter 5 has it.
class Writer {
public:
    void begin(const std::string& name) {
        cell(1);
        text(name);
    }
    void end() { cell(2); }
    void nop() { cell(4); }
    void cells(const std::string& name, std::vector<std::uint32_t> values) {
        header(name, values.size() * 4);
        for (std::uint32_t value : values)
            cell(value);
    }
    void string(const std::string& name, const std::string& value) {
        header(name, value.size() + 1);
        text(value);
    }

    std::vector<char> finish(std::vector<std::uint64_t> reservations = {}) {
        cell(9);
        const auto structure = out_;
        out_.clear();
        const auto reservations_at = 40u, structure_at = static_cast<std::uint32_t>(40 + (reservations.size() + 2) * 8);
        const auto strings_at = structure_at + static_cast<std::uint32_t>(structure.size());
        const auto total = strings_at + static_cast<std::uint32_t>(strings_.size());
        for (std::uint32_t value :
             {0xd00dfeedu, total, structure_at, strings_at, reservations_at, 17u, 16u, 0u,
              static_cast<std::uint32_t>(strings_.size()), static_cast<std::uint32_t>(structure.size())})
            cell(value);
        reservations.insert(reservations.end(), {0, 0});
        for (std::uint64_t value : reservations) {
            cell(static_cast<std::uint32_t>(value >> 32));
            cell(static_cast<std::uint32_t>(value));
        }
        out_.insert(out_.end(), structure.begin(), structure.end());
        out_.insert(out_.end(), strings_.begin(), strings_.end());
        return out_;
    }

private:
    void cell(std::uint32_t value) {
        for (int shift = 24; shift >= 0; shift -= 8)
            out_.push_back(static_cast<char>(value >> shift));
    }
    void text(const std::string& value) {
        out_.insert(out_.end(), value.begin(), value.end());
        do
            out_.push_back('\0');
        while (out_.size() % 4 != 0);
    }
    void header(const std::string& name, std::size_t length) {
        const auto [at, added] = names_.try_emplace(name, strings_.size());
        if (added) {
            strings_ += name;
            strings_ += '\0';
        }
        cell(3);
        cell(static_cast<std::uint32_t>(length));
        cell(static_cast<std::uint32_t>(at->second));
    }

    std::vector<char> out_;
    std::string strings_;
    std::map<std::string, std::size_t> names_;
};

std::vector<char> machine() {
    Writer w;
    w.begin("");
    w.cells("#address-cells", {2});
    w.cells("#size-cells", {2});
    w.cells("interrupt-parent", {7});
    w.begin("chosen");
    w.string("bootargs", "log=debug isolate");
    w.string("stdout-path", "/soc/serial@1000:115200");
    w.cells("linux,initrd-start", {0, 0x48000000});
    w.cells("linux,initrd-end", {0, 0x48001000});
    w.cells("rng-seed", {1, 2, 3, 4});
    w.end();
    w.nop();
    w.begin("memory@40000000");
    w.string("device_type", "memory");
    w.cells("reg", {0, 0x40000000, 0, 0x10000000, 1, 0, 0, 0x2000});
    w.end();
    w.begin("soc");
    w.cells("#address-cells", {1});
    w.cells("#size-cells", {1});
    w.cells("ranges", {0x1000, 0, 0x9000000, 0x1000, 0x8000, 1, 0x100, 0x100});
    w.begin("serial@1000");
    w.string("compatible", std::string("arm,pl011\0arm,primecell", 23));
    w.cells("reg", {0x1000, 0x100});
    w.cells("interrupts", {0, 1, 4, 0, 2, 1});
    w.end();
    w.begin("serial@8010");
    w.string("compatible", "arm,pl011");
    w.string("status", "disabled");
    w.cells("reg", {0x8010, 0x10});
    w.end();
    w.begin("timer@8020");
    w.string("compatible", "a,timer");
    w.cells("reg", {0x8020, 0x10, 0xffff, 1});
    w.nop();
    w.cells("interrupts-extended", {8, 42});
    w.end();
    w.end();
    w.begin("pcie");
    w.cells("interrupt-map-mask", {0x1800, 0, 0, 7});
    w.cells("interrupt-map", {0, 0, 0, 1, 7, 0xa, 0xb, 0, 3, 4, 0x800, 0, 0, 2, 8, 42, 0x1000, 0, 0, 1, 8});
    w.end();
    w.begin("intc");
    w.cells("phandle", {7});
    w.cells("#address-cells", {2});
    w.cells("#interrupt-cells", {3});
    w.end();
    w.begin("other-intc");
    w.cells("phandle", {8});
    w.cells("#interrupt-cells", {1});
    w.end();
    w.end();
    return w.finish({0x80000000, 0x1000});
}

TEST(Fdt, FindsNodesByPathAndCompatible) {
    const auto blob = machine();
    const auto tree = device::Fdt::open(blob.data());
    ASSERT_TRUE(tree);
    EXPECT_EQ(tree->size(), blob.size());
    EXPECT_EQ(tree->root().name(), "");
    ASSERT_TRUE(tree->node("/soc/serial@1000"));
    EXPECT_EQ(tree->node("/soc/serial")->name(), "serial@1000");
    EXPECT_FALSE(tree->node("/soc/seria"));
    EXPECT_FALSE(tree->node("/nothing"));
    const auto serial = tree->find_compatible("arm,primecell");
    ASSERT_TRUE(serial);
    EXPECT_EQ(serial->name(), "serial@1000");
    EXPECT_EQ(serial->parent()->name(), "soc");
    EXPECT_EQ(serial->next_sibling()->name(), "serial@8010");
    EXPECT_FALSE(tree->find_compatible("arm,pl011", serial)) << "a disabled device is not there";
    EXPECT_EQ(tree->console()->name(), "serial@1000");
    EXPECT_EQ(tree->node_by_phandle(8)->name(), "other-intc");
}

TEST(Fdt, TranslatesAddresses) {
    const auto blob = machine();
    const auto tree = device::Fdt::open(blob.data());
    ASSERT_TRUE(tree);
    const auto memory = tree->find_device_type("memory");
    ASSERT_TRUE(memory);
    EXPECT_EQ(memory->reg(1)->start.value, 0x1'0000'0000u);
    EXPECT_EQ(memory->reg(1)->size, 0x2000u);
    EXPECT_FALSE(memory->reg(2));
    EXPECT_EQ(tree->node("/soc/serial@1000")->reg()->start.value, 0x900'0000u);
    EXPECT_EQ(tree->node("/soc/timer")->reg()->start.value, 0x1'0000'0120u);
    EXPECT_FALSE(tree->node("/soc/timer")->reg(1)) << "outside every range";
    EXPECT_EQ(*tree->node("/soc/timer")->unit_address(), 0x8020u);
}

TEST(Fdt, ReadsInterrupts) {
    const auto blob = machine();
    const auto tree = device::Fdt::open(blob.data());
    ASSERT_TRUE(tree);
    const auto second = tree->node("/soc/serial")->interrupt(1);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->count, 3u);
    EXPECT_EQ(second->cells[1], 2u);
    EXPECT_FALSE(tree->node("/soc/serial")->interrupt(2));
    const auto timer = tree->node("/soc/timer");
    EXPECT_EQ(timer->interrupt_parent()->name(), "other-intc");
    EXPECT_EQ(timer->interrupt()->cells[0], 42u);
    EXPECT_FALSE(timer->interrupt(1));
}

TEST(Fdt, FollowsInterruptMaps) {
    const auto blob = machine();
    const auto tree = device::Fdt::open(blob.data());
    ASSERT_TRUE(tree);
    const auto line = [&](std::uint32_t address, std::uint32_t pin) {
        return tree->node("/pcie")->mapped_interrupt(std::array<std::uint32_t, 4>{address, 0, 0, pin});
    };
    const auto first = line(0x2100, 1); // what the mask leaves out does not matter
    ASSERT_TRUE(first);
    EXPECT_EQ(first->count, 3u);
    EXPECT_EQ(first->cells[1], 3u);
    EXPECT_EQ(line(0x0800, 2)->cells[0], 42u);
    EXPECT_FALSE(line(0x0800, 1)) << "not in the map";
    EXPECT_FALSE(line(0x1800, 1));
    EXPECT_FALSE(tree->node("/intc")->mapped_interrupt({}));
}

TEST(Fdt, ReadsChosen) {
    const auto blob = machine();
    const auto tree = device::Fdt::open(blob.data());
    ASSERT_TRUE(tree);
    EXPECT_EQ(tree->command_line(), "log=debug isolate");
    EXPECT_EQ(tree->initrd()->start.value, 0x4800'0000u);
    EXPECT_EQ(tree->initrd()->size, 0x1000u);
    EXPECT_EQ(tree->rng_seed().size(), 16u);
    EXPECT_EQ(tree->reservation(0)->size, 0x1000u);
    EXPECT_FALSE(tree->reservation(1));
}

TEST(Fdt, CopyHasNoRoomBehindItAndNoSecret) {
    std::vector<char> blob = machine();
    const std::size_t size = blob.size();
    blob.resize(size + 1000);
    blob[6] = static_cast<char>(blob.size() >> 8); // the header's total size
    blob[7] = static_cast<char>(blob.size());
    const auto tree = device::Fdt::open(blob.data());
    ASSERT_TRUE(tree);
    EXPECT_EQ(tree->size(), size + 1000);
    ASSERT_EQ(tree->used_size(), size);
    std::vector<std::byte> to(size);
    tree->copy(to);
    const auto copy = device::Fdt::open(to.data());
    ASSERT_TRUE(copy);
    EXPECT_EQ(copy->size(), size);
    EXPECT_EQ(copy->command_line(), tree->command_line());
    EXPECT_NE(tree->rng_seed()[3], std::byte{});
    for (const std::byte byte : copy->rng_seed())
        EXPECT_EQ(byte, std::byte{});
}

void walk(const device::FdtNode& node) {
    (void)node.reg();
    (void)node.interrupt();
    for (auto child = node.first_child(); child; child = child->next_sibling())
        walk(*child);
}

TEST(Fdt, SurvivesDamage) {
    const auto whole = machine();
    EXPECT_FALSE(device::Fdt::open(std::vector<char>(64).data()));
    for (std::size_t at = 4; at < whole.size(); ++at) {
        for (char damage : {'\0', '\x01', '\x03', '\x7f', '\xff'}) {
            auto blob = whole;
            if (at < 8)
                continue; // the total size: what the boot loader says of the blob's extent is believed
            blob[at] = damage;
            if (const auto tree = device::Fdt::open(blob.data())) {
                walk(tree->root());
                (void)tree->console();
                (void)tree->command_line();
                (void)tree->find_compatible("none");
            }
        }
    }
}

} // namespace

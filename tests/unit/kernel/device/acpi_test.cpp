// The ACPI reader against tables made here: good ones, short ones, wrong sums, and random damage.

#include "device/acpi/machine.hpp"

#include "device/cmos_clock.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace device;

constexpr std::uint64_t memory_start = 0x7fe0000;
std::vector<unsigned char> memory;

/// Shows exactly the asked bytes by a copy of their own, so that the sanitizer sees a read behind them.
std::vector<std::vector<unsigned char>> shown;
const void* show(PhysAddr start, std::uint64_t bytes) {
    if (start.value < memory_start || bytes > memory.size() || start.value - memory_start > memory.size() - bytes)
        return nullptr;
    const auto first = memory.begin() + static_cast<std::ptrdiff_t>(start.value - memory_start);
    return shown.emplace_back(first, first + static_cast<std::ptrdiff_t>(bytes)).data();
}

class Table {
public:
    explicit Table(const std::string& signature, std::size_t body) : bytes(36 + body) {
        std::memcpy(bytes.data(), signature.data(), 4);
    }
    template <typename T>
    Table& put(std::size_t at, T value) {
        std::memcpy(bytes.data() + at, &value, sizeof(value));
        return *this;
    }
    /// Into memory, with length and sum right. Returns its address.
    std::uint64_t place() {
        put(4, static_cast<std::uint32_t>(bytes.size()));
        put<std::uint8_t>(9, 0);
        put(9, complement(bytes.data(), bytes.size()));
        return append(bytes);
    }
    static std::uint8_t complement(const unsigned char* data, std::size_t size) {
        unsigned sum = 0;
        for (std::size_t i = 0; i < size; ++i)
            sum += data[i];
        return static_cast<std::uint8_t>(-sum);
    }
    static std::uint64_t append(const std::vector<unsigned char>& data) {
        const std::uint64_t address = memory_start + memory.size();
        memory.insert(memory.end(), data.begin(), data.end());
        memory.resize((memory.size() + 15) & ~std::size_t{15});
        return address;
    }
    std::vector<unsigned char> bytes;
};

std::uint64_t place_madt() {
    Table madt("APIC", 8 + 8 + 8 + 12 + 10);
    madt.put(36, 0xfee00000u);
    madt.put<std::uint8_t>(44, 0).put<std::uint8_t>(45, 8).put<std::uint8_t>(47, 0).put(48, 1u);
    madt.put<std::uint8_t>(52, 0).put<std::uint8_t>(53, 8).put<std::uint8_t>(55, 3).put(56, 0u); // disabled
    madt.put<std::uint8_t>(60, 1).put<std::uint8_t>(61, 12).put(64, 0xfec00000u).put(68, 0u);
    madt.put<std::uint8_t>(72, 2).put<std::uint8_t>(73, 10).put<std::uint8_t>(75, 0).put(76, 2u);
    madt.put<std::uint16_t>(80, 0x0d); // level, active high
    return madt.place();
}

std::uint64_t place_fadt(std::uint64_t dsdt) {
    Table fadt("FACP", 276 - 36);
    fadt.put(40, static_cast<std::uint32_t>(dsdt)).put(64, 0x604u).put(76, 0x608u).put<std::uint8_t>(91, 4);
    fadt.put(112, 1u << 10).put<std::uint8_t>(116, 1).put<std::uint64_t>(120, 0xcf9).put<std::uint8_t>(128, 0x0f);
    return fadt.place();
}

std::uint64_t place_dsdt() {
    Table dsdt("DSDT", 16 + 64);
    const unsigned char soft_off[]{0x08, '_', 'S', '5', '_', 0x12, 0x06, 0x04, 0x0a, 0x05, 0x01, 0x00, 0x00};
    std::memcpy(dsdt.bytes.data() + 38, soft_off, sizeof(soft_off));
    std::memcpy(dsdt.bytes.data() + 52, "LNRO0005", 9);
    const unsigned char resources[]{0x86, 9,    0, 1, 0, 0x2e, 0xb0, 0xfe, 0, 2, 0,
                                    0,    0x89, 6, 0, 1, 1,    23,   0,    0, 0, 0x79};
    std::memcpy(dsdt.bytes.data() + 70, resources, sizeof(resources));
    return dsdt.place();
}

std::uint64_t place_root(std::uint64_t xsdt) {
    std::vector<unsigned char> root(36);
    std::memcpy(root.data(), "RSD PTR ", 8);
    root[15] = 2;
    root[20] = 36;
    std::memcpy(root.data() + 24, &xsdt, 8);
    root[8] = Table::complement(root.data(), 20);
    root[32] = Table::complement(root.data(), 36);
    return Table::append(root);
}

std::uint64_t place_all() {
    memory.clear();
    shown.clear();
    const std::uint64_t madt = place_madt(), fadt = place_fadt(place_dsdt());
    Table mcfg("MCFG", 8 + 16);
    mcfg.put<std::uint64_t>(44, 0xb0000000).put<std::uint8_t>(55, 255);
    Table hpet("HPET", 20);
    hpet.put<std::uint64_t>(44, 0xfed00000);
    Table xsdt("XSDT", 32);
    xsdt.put(36, madt).put(44, fadt).put(52, mcfg.place()).put(60, hpet.place());
    return place_root(xsdt.place());
}

TEST(Acpi, ReadsWhatTheTablesSay) {
    const auto machine = acpi::read_machine({place_all()}, show);
    ASSERT_TRUE(machine.has_value());
    ASSERT_EQ(machine->processors.items().size(), 1u);
    EXPECT_EQ(machine->processors.items()[0].apic_id, 0u);
    ASSERT_EQ(machine->io_apics.items().size(), 1u);
    EXPECT_EQ(machine->io_apics.items()[0].registers.value, 0xfec00000u);
    EXPECT_EQ(machine->isa_line(0).irq, 2u);
    EXPECT_EQ(machine->isa_line(0).trigger, Trigger::level_high);
    EXPECT_EQ(machine->isa_line(4).irq, 4u);
    EXPECT_EQ(machine->isa_line(4).trigger, Trigger::edge_rising);
    ASSERT_EQ(machine->config_windows.items().size(), 1u);
    EXPECT_EQ(machine->config_windows.items()[0].last_bus, 255);
    EXPECT_EQ(machine->hpet->value, 0xfed00000u);
    EXPECT_EQ(machine->power_timer_port, 0x608);
    EXPECT_EQ(machine->power_control_a.address, 0x604u);
    EXPECT_EQ(machine->reset.address, 0xcf9u);
    ASSERT_EQ(machine->virtio_devices.items().size(), 1u);
    EXPECT_EQ(machine->virtio_devices.items()[0].registers.value, 0xfeb02e00u);
    EXPECT_EQ(machine->virtio_devices.items()[0].bytes, 512u);
    EXPECT_EQ(machine->virtio_devices.items()[0].line.irq, 23u);
    EXPECT_EQ(machine->virtio_devices.items()[0].line.trigger, Trigger::level_high);
    ASSERT_TRUE(machine->soft_off.has_value());
    EXPECT_EQ((*machine->soft_off)[0], 5);
    EXPECT_EQ((*machine->soft_off)[1], 1);
}

TEST(Acpi, IgnoresATableWithAWrongSum) {
    const std::uint64_t root = place_all();
    memory[4 + 40]++; // inside the MADT, the first table placed
    const auto machine = acpi::read_machine({root}, show);
    ASSERT_TRUE(machine.has_value());
    EXPECT_TRUE(machine->processors.items().empty());
    EXPECT_TRUE(machine->hpet.has_value());
}

TEST(Acpi, FindsNoRootPointerInOtherBytes) {
    place_all();
    EXPECT_FALSE(acpi::read_machine({memory_start}, show).has_value());
    EXPECT_FALSE(acpi::read_machine({0}, show).has_value());
    EXPECT_FALSE(acpi::find_root_pointer(show).has_value());
}

/// Damage with sums made right again reaches the parsers. Nothing may read outside or go on forever.
TEST(Acpi, SurvivesDamage) {
    std::minstd_rand random(1);
    for (int round = 0; round < 3000; ++round) {
        const std::uint64_t root = place_all();
        for (int i = 0; i < 4; ++i)
            memory[random() % memory.size()] = static_cast<unsigned char>(random());
        for (std::size_t at = 0; at + 36 <= memory.size(); at += 16) {
            std::uint32_t length;
            std::memcpy(&length, memory.data() + at + 4, 4);
            if (length < 36 || length > memory.size() - at)
                continue;
            memory[at + 9] = 0;
            memory[at + 9] = Table::complement(memory.data() + at, length);
        }
        static_cast<void>(acpi::read_machine({root}, show));
    }
}

/// A clock chip that stands at one date.
struct FakePorts {
    static inline std::uint8_t index = 0;
    static inline std::array<std::uint8_t, 128> registers{};
    static void write8(std::uint16_t port, std::uint8_t value) {
        if (port == 0x70)
            index = value & 0x7f;
    }
    static std::uint8_t read8(std::uint16_t) { return registers[index]; }
};

TEST(CmosClock, ReadsBothNumberFormats) {
    CmosClock<FakePorts> clock;
    FakePorts::registers = {0x56, 0, 0x34, 0, 0x12, 0, 0, 0x29, 0x02, 0x24};
    FakePorts::registers[0x32] = 0x20;
    FakePorts::registers[0x0b] = 0x02; // 24 hours, BCD
    EXPECT_EQ(clock.seconds(), 1709210096u);
    FakePorts::registers = {56, 0, 34, 0, 0x80 | 1, 0, 0, 29, 2, 24};
    FakePorts::registers[0x32] = 20;
    FakePorts::registers[0x0b] = 0x04; // 12 hours, binary: 1 pm
    EXPECT_EQ(clock.seconds(), 1709210096u + 3600);
}

} // namespace

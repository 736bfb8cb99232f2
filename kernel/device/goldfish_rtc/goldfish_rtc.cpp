// The Goldfish real-time clock of QEMU's riscv virt machine: nanoseconds since 1970 in two registers
// (Android emulator, "Goldfish RTC").

#include "device/fdt_driver.hpp"
#include "device/real_time_clock.hpp"
#include "device/registers.hpp"
#include "memory/kernel_map.hpp"

#include <new>

namespace device {
namespace {

class GoldfishRtc final : public RealTimeClock {
public:
    explicit GoldfishRtc(Registers registers) : registers_(registers) {}

    std::uint64_t seconds() override {
        const std::uint64_t low = registers_.read32(0); // reading it keeps the high half for the next read
        const std::uint64_t high = registers_.read32(4);
        return (high << 32 | low) / 1'000'000'000;
    }

private:
    const Registers registers_;
};

Result<> start(const FdtNode& node) {
    const auto region = TRY(node.reg());
    volatile void* base = TRY(memory::map_device(region.start, region.size));
    auto* clock = new (std::nothrow) GoldfishRtc(Registers(base));
    if (!clock)
        return fail(Error::no_memory);
    set_real_time_clock(*clock);
    return {};
}

[[gnu::section("fdt_drivers"), gnu::used, gnu::retain]]
constinit const FdtDriver goldfish{"google,goldfish-rtc", Phase::device, start};

} // namespace
} // namespace device

// Arm PrimeCell real-time clock PL031. DDI 0224.

#include "device/fdt_driver.hpp"
#include "device/real_time_clock.hpp"
#include "device/registers.hpp"
#include "memory/kernel_map.hpp"

namespace device {
namespace {

class Pl031 final : public RealTimeClock {
public:
    Result<> start(const FdtNode& node) {
        const FdtNode::Region region = TRY(node.reg());
        registers_ = Registers(TRY(memory::map_device(region.start, region.size)));
        set_real_time_clock(*this);
        return {};
    }

    std::uint64_t seconds() override {
        constexpr std::size_t data = 0x00;
        return registers_.read32(data);
    }

private:
    Registers registers_;
};

constinit Pl031 clock;

[[gnu::section("fdt_drivers"), gnu::used, gnu::retain]] constinit const FdtDriver driver{
    "arm,pl031", Phase::device, [](const FdtNode& node) { return clock.start(node); }};

} // namespace
} // namespace device

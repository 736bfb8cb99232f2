// 16550 UARTs that the device tree describes: memory-mapped, the riscv virt machine's console.

#include "device/fdt_driver.hpp"
#include "device/ns16550/ns16550.hpp"
#include "memory/kernel_map.hpp"

#include <new>

namespace device::ns16550 {
namespace {

Result<> start(const FdtNode& node) {
    auto region = TRY(node.reg());
    volatile void* base = TRY(memory::map_device(region.start, region.size));
    const MemoryRegisters access{Registers(base), static_cast<unsigned>(node.number("reg-shift").value_or(0))};
    auto* uart = new (std::nothrow) Ns16550<MemoryRegisters>(access);
    if (!uart)
        return fail(Error::no_memory);
    if (!console_uart())
        set_console_uart(*uart);
    auto specifier = TRY(node.interrupt());
    return uart->start(TRY(interrupt_controller().decode(specifier.span())));
}

[[gnu::section("fdt_drivers"), gnu::used, gnu::retain]] constinit const FdtDriver driver{
    "ns16550a", Phase::device, start};

} // namespace
} // namespace device::ns16550

// Traps from kernel mode: user copies that fault, and kernel bugs.

#include "lib/log.hpp"
#include "lib/log_sink.hpp"
#include "thread/thread.hpp"
#include "trap/trap.hpp"

#include <arch/cpu.hpp>
#include <array>

namespace trap {

/// Written by the assembly of user copies: where each faulting instruction is, and where to go on, relative to the
/// words themselves.
struct FixupEntry {
    std::int32_t instruction;
    std::int32_t fixup;
};
extern "C" {
extern const FixupEntry exception_table_start[];
extern const FixupEntry exception_table_end[];
}

namespace {

std::uintptr_t target(const std::int32_t& offset) {
    return reinterpret_cast<std::uintptr_t>(&offset) + static_cast<std::uintptr_t>(static_cast<std::intptr_t>(offset));
}

} // namespace

std::uintptr_t find_fixup(std::uintptr_t pc) {
    for (const FixupEntry* entry = exception_table_start; entry != exception_table_end; ++entry)
        if (target(entry->instruction) == pc)
            return target(entry->fixup);
    return 0;
}

bool handle_kernel_fault(const Fault& fault, std::uintptr_t& pc) {
    const std::uintptr_t fixup = find_fixup(pc);
    if (fixup == 0)
        return false;
    if (!resolve_kernel_access(fault))
        pc = fixup;
    return true;
}

void kernel_fault(const Fault& fault, const arch::KernelFrame& frame) {
    std::array<char, 256> line;
    const std::size_t used = format::print(
        line, "\nkernel fault: kind {} at pc {:x}, address {:x}, cause {:x}, thread {} ({})\n", fault.kind, fault.pc,
        fault.address, fault.cause, thread::current().id, thread::current().name);
    klog::write_panic({line.data(), used});
    arch::print_registers(frame);
    arch::print_backtrace();
    panic("unexpected fault in the kernel");
}

} // namespace trap

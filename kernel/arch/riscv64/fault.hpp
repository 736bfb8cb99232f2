#pragma once
// From scause and stval to trap::Fault.

#include "csr.hpp"
#include "trap/trap.hpp"

extern "C" void trap_entry(); // vectors.S
extern "C" void kernelvec();

namespace arch {

constexpr bool is_page_fault(Cause cause) {
    return cause == Cause::load_page || cause == Cause::store_page || cause == Cause::fetch_page;
}

/// A floating-point instruction while sstatus.FS is Off. `value`: stval, the instruction. Interrupts off.
bool is_fpu_unavailable(Cause cause, std::uint64_t value);

/// `value`: stval, the address or the instruction.
trap::Fault describe_fault(Cause cause, std::uint64_t value, std::uintptr_t pc, bool user);

/// A page fault in the kernel's half that the page tables do not justify: the CPU had remembered an older entry.
bool is_stale_kernel_fault(const trap::Fault& fault);

} // namespace arch

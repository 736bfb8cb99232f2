#pragma once
// The interrupt descriptor table, which all CPUs share, and the choice of the system-call entry.

#include <cstddef>
#include <span>

namespace arch {

struct CpuLocal;

/// Fills the table. Boot CPU, before the page that holds it becomes read-only.
void build_idt();
void load_idt();
std::span<const std::byte> idt_bytes();

/// Which of entry_SYSCALL_64 and its trampoline twin this CPU's syscall instruction reaches.
void set_system_call_entry(CpuLocal& local, bool isolated);

} // namespace arch

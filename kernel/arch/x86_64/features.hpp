#pragma once
// What the CPU has, asked once on the boot CPU. The others are taken to be the same.

#include <cstdint>

namespace arch {

struct Features {
    bool smep, smap, umip, fsgsbase, xsave, rdrand, gigabyte_pages, tsc_deadline, invariant_tsc, x2apic, hypervisor;
    std::uint32_t fpu_size;       // bytes
    std::uint64_t fpu_components; // XCR0
    std::uint64_t cpuid_tsc_hz;   // from a CPUID leaf; 0: not told
};

/// Set before any other CPU runs; constant afterwards.
const Features& features();

/// Asks the CPU. Panics (before there is any output: stops) when it lacks NX or SYSCALL, without which nothing works.
void detect_features();

/// Rewrites the instructions in .alternatives whose feature this CPU lacks or has. Text must still be writable.
void apply_alternatives();

struct CpuidResult {
    std::uint32_t eax, ebx, ecx, edx;
};
CpuidResult cpuid(std::uint32_t leaf, std::uint32_t subleaf = 0);

} // namespace arch

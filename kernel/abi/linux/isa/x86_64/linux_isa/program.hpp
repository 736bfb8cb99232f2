#pragma once
// What a new Linux program on x86_64 finds: auxiliary vector values and where its memory goes.

#include <arch/page_table.hpp>
#include <array>
#include <cpuid.h>
#include <cstdint>

namespace abi::linux::isa {

/// AT_PLATFORM.
inline constexpr const char* platform = "x86_64";
/// AT_HWCAP: CPUID leaf 1, EDX.
inline std::uint64_t hardware_capabilities() {
    unsigned a = 0, b = 0, c = 0, d = 0;
    __get_cpuid(1, &a, &b, &c, &d);
    return d;
}
/// AT_HWCAP2: HWCAP2_FSGSBASE (asm/hwcap2.h) where the CPU has those instructions; the kernel lets programs use them.
inline std::uint64_t hardware_capabilities2() {
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 ? (b & 1) << 1 : 0;
}
/// AT_MINSIGSTKSZ: the frame with an XSAVE area of AVX-512 size, rounded up.
inline constexpr std::uint64_t least_signal_stack = 3632;
/// Where position-independent programs go: two thirds up.
inline constexpr std::uintptr_t program_base = arch::user_top / 3 * 2 & ~std::uintptr_t{0xfff};

/// clone(flags, stack, parent_tid, child_tid, tls).
inline constexpr bool clone_takes_tls_first = false;

/// Handlers here always have a restorer (SA_RESTORER); there is no code of the kernel's.
inline constexpr std::array<std::uint32_t, 0> signal_return_code{};

} // namespace abi::linux::isa

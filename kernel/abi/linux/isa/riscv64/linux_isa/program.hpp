#pragma once
// What a new Linux program on riscv64 finds: auxiliary vector values and where its memory goes.

#include <arch/page_table.hpp>
#include <array>
#include <cstdint>

namespace abi::linux::isa {

/// AT_PLATFORM: riscv has none.
inline constexpr const char* platform = nullptr;
/// AT_HWCAP: a bit for each letter of the ISA string that programs may use: IMAFDC.
inline std::uint64_t hardware_capabilities() {
    std::uint64_t bits = 0;
    for (const char letter : {'I', 'M', 'A', 'F', 'D', 'C'})
        bits |= std::uint64_t{1} << (letter - 'A');
    return bits;
}
constexpr std::uint64_t hardware_capabilities2() {
    return 0;
}
/// AT_MINSIGSTKSZ: siginfo and ucontext, rounded up.
inline constexpr std::uint64_t least_signal_stack = 2048;
/// Where position-independent programs go: two thirds up.
inline constexpr std::uintptr_t program_base = arch::user_top / 3 * 2 & ~std::uintptr_t{0xffff};

/// clone(flags, stack, parent_tid, tls, child_tid): the TLS pointer comes before the child's tid address.
inline constexpr bool clone_takes_tls_first = true;

/// Code that every handler returns to (riscv has no SA_RESTORER): rt_sigreturn (number 139).
inline constexpr std::array<std::uint32_t, 2> signal_return_code{
    0x08b00893, // li a7, 139
    0x00000073, // ecall
};

} // namespace abi::linux::isa

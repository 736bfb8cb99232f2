#pragma once
// What a new Linux program on arm64 finds: auxiliary vector values and where its memory goes.

#include <arch/page_table.hpp>
#include <array>
#include <asm/hwcap.h>
#include <cstdint>

namespace abi::linux::isa {

/// AT_PLATFORM (arch/arm64: "aarch64").
inline constexpr const char* platform = "aarch64";
/// AT_HWCAP: what every ARMv8-A core that this kernel runs on has. Optional instructions are not announced.
inline std::uint64_t hardware_capabilities() {
    return HWCAP_FP | HWCAP_ASIMD;
}
constexpr std::uint64_t hardware_capabilities2() {
    return 0;
}
/// AT_MINSIGSTKSZ: siginfo, ucontext with its 4 KiB of records, frame record (sigframe of signal_frame.hpp).
inline constexpr std::uint64_t least_signal_stack = 5120;
/// Where position-independent programs go: two thirds up.
inline constexpr std::uintptr_t program_base = arch::user_top / 3 * 2 & ~std::uintptr_t{0xffff};

/// clone(flags, stack, parent_tid, tls, child_tid): the TLS pointer comes before the child's tid address.
inline constexpr bool clone_takes_tls_first = true;

/// Code that a handler returns to when it has no restorer: rt_sigreturn (number 139).
inline constexpr std::array<std::uint32_t, 2> signal_return_code{
    0xd2801168, // mov x8, #139
    0xd4000001, // svc #0
};

} // namespace abi::linux::isa

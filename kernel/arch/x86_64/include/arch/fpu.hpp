#pragma once
// x87, SSE and AVX state, switched lazily: CR0.TS makes the first instruction of a thread without the FPU trap (#NM).
// The state in memory is what XSAVE writes (FXSAVE where there is no XSAVE), which is also what a Linux signal frame
// holds.

#include <cstddef>
#include <cstdint>

namespace arch {

inline constexpr std::size_t fpu_state_alignment = 64;
/// Bytes of one state on this CPU.
std::size_t fpu_state_size();
/// State components that are saved (XCR0); 3 where there is no XSAVE.
std::uint64_t fpu_state_components();

/// As after power-on: all exceptions masked, registers zero.
void initialise_fpu_state(void* state);
/// Any CPU mode of the FPU; interrupts off.
void save_fpu(void* state);
void load_fpu(const void* state);
/// Makes a state that a program has written loadable: clears the bits that would fault.
void sanitise_fpu_state(void* state);

/// User access. Disabled: the next FPU instruction traps to trap::handle_fpu_unavailable.
inline void enable_fpu() {
    asm volatile("clts" ::: "memory");
}
inline void disable_fpu() {
    std::uint64_t cr0;
    asm volatile("movq %%cr0, %0; orq $8, %0; movq %0, %%cr0" : "=&r"(cr0)::"memory");
}

} // namespace arch

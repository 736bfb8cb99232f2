#pragma once
// Advanced SIMD and floating point. The state in memory: V0..V31, 16 bytes each, then FPSR and FPCR, 4 bytes each
// (signal frames take it so). SVE and SME stay disabled, so there is no more.

#include <arch/registers.hpp>
#include <cstddef>

namespace arch {

inline constexpr std::size_t fpu_state_alignment = 16;
/// Bytes.
inline std::size_t fpu_state_size() {
    return 32 * 16 + 16;
}
/// What a new program finds: all zero.
void initialise_fpu_state(void* state);
/// Between the registers and memory; work whether or not user mode has access. Interrupts off.
extern "C" void save_fpu(void* state);
extern "C" void load_fpu(const void* state);

/// User access. Disabled, the next FPU instruction in user mode traps (ESR_EL1.EC 0x07) to
/// trap::handle_fpu_unavailable. The exception return to user mode makes the change visible there.
inline void enable_fpu() {
    WRITE_REGISTER(cpacr_el1, 3u << 20); // FPEN: no traps
}
inline void disable_fpu() {
    WRITE_REGISTER(cpacr_el1, 1u << 20); // FPEN: EL0 traps
}

} // namespace arch

#pragma once
// The D extension's registers, switched lazily. sstatus.FS tells Off, Clean, Dirty (privileged specification, 3.1.6.6);
// what was only read is not saved again.

#include <cstddef>

namespace arch {

/// f0..f31 and fcsr.
constexpr std::size_t fpu_state_size() {
    return 33 * 8;
}
inline constexpr std::size_t fpu_state_alignment = 8;

/// As at the start of a program: all zero, round to nearest.
void initialise_fpu_state(void* state);

/// Both leave user access as it was. Interrupts off.
void save_fpu(void* state);
void load_fpu(const void* state);

/// User access. Disabled: the next FPU instruction traps to trap::handle_fpu_unavailable. Interrupts off.
void enable_fpu();
void disable_fpu();

} // namespace arch

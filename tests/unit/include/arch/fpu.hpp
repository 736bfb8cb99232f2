#pragma once
// The fake ISA's FPU state: a few bytes.

#include <cstddef>
#include <cstring>

namespace arch {

inline constexpr std::size_t fpu_state_alignment = 16;
inline std::size_t fpu_state_size() {
    return 64;
}
inline void initialise_fpu_state(void* state) {
    std::memset(state, 0, fpu_state_size());
}
inline void save_fpu(void*) {}
inline void load_fpu(const void*) {}
inline void enable_fpu() {}
inline void disable_fpu() {}

} // namespace arch

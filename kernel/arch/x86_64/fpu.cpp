#include "arch/x86_64/alternative.h"
#include "arch/x86_64/features.hpp"
#include "arch/x86_64/msr.hpp"

#include <arch/fpu.hpp>
#include <cstring>

namespace arch {
namespace {

// FXSAVE image and XSAVE header (SDM volume 1, 10.5.1 and 13.4.2)
constexpr std::size_t control_word_at = 0, mxcsr_at = 24, mxcsr_mask_at = 28, header_at = 512;
constexpr std::size_t header_size = 64;
constexpr std::uint16_t initial_control_word = 0x37f;
constexpr std::uint32_t initial_mxcsr = 0x1f80;
constexpr std::uint32_t default_mxcsr_mask = 0xffbf; // where FXSAVE reports none

template <typename T>
void store(void* state, std::size_t at, T value) {
    std::memcpy(static_cast<char*>(state) + at, &value, sizeof(value));
}
template <typename T>
T load(const void* state, std::size_t at) {
    T value;
    std::memcpy(&value, static_cast<const char*>(state) + at, sizeof(value));
    return value;
}

/// Lets the kernel's own FPU instruction through, and leaves the trap as it was.
class FpuAccess {
public:
    FpuAccess() : cr0_(read_cr0()) { asm volatile("clts" ::: "memory"); }
    ~FpuAccess() {
        if (cr0_ & cr0::task_switched)
            write_cr0(cr0_);
    }
    FpuAccess(const FpuAccess&) = delete;
    FpuAccess& operator=(const FpuAccess&) = delete;

private:
    std::uint64_t cr0_;
};

std::uint32_t mxcsr_mask() {
    static constinit std::uint32_t mask = 0; // the same on all CPUs
    if (mask == 0) {
        alignas(16) unsigned char image[512] = {};
        FpuAccess access;
        asm volatile("fxsave64 %0" : "=m"(image));
        const auto reported = load<std::uint32_t>(image, mxcsr_mask_at);
        mask = reported != 0 ? reported : default_mxcsr_mask;
    }
    return mask;
}

} // namespace

std::size_t fpu_state_size() {
    return features().fpu_size;
}

std::uint64_t fpu_state_components() {
    return features().fpu_components;
}

void initialise_fpu_state(void* state) {
    std::memset(state, 0, fpu_state_size()); // XSTATE_BV 0: every component in its initial state
    store(state, control_word_at, initial_control_word);
    store(state, mxcsr_at, initial_mxcsr);
}

// rdi: the state; eax and edx: all components that XCR0 has (XSAVE); FXSAVE takes neither.
void save_fpu(void* state) {
    FpuAccess access;
    asm volatile(ALTERNATIVE(ALTERNATIVE_XSAVE, "xsave64 (%0)", "fxsave64 (%0)")::"D"(state), "a"(~0u), "d"(~0u)
                 : "memory");
}

void load_fpu(const void* state) {
    FpuAccess access;
    asm volatile(ALTERNATIVE(ALTERNATIVE_XSAVE, "xrstor64 (%0)", "fxrstor64 (%0)")::"D"(state), "a"(~0u), "d"(~0u)
                 : "memory");
}

void sanitise_fpu_state(void* state) {
    store(state, mxcsr_at, load<std::uint32_t>(state, mxcsr_at) & mxcsr_mask());
    if (!features().xsave)
        return;
    const auto components = load<std::uint64_t>(state, header_at) & features().fpu_components;
    std::memset(static_cast<char*>(state) + header_at, 0, header_size); // no compaction, reserved words zero
    store(state, header_at, components);
}

} // namespace arch

#pragma once
// Places that kernel.ld names. They are addresses, not objects.

#include <cstdint>

extern "C" {
extern const char image_start[], text_end[], rodata_end[], image_end[];
extern const char boot_stack_guard[], emergency_stack_guard[];
}

namespace arch {

inline std::uintptr_t linker_address(const char* symbol) {
    return reinterpret_cast<std::uintptr_t>(symbol);
}

} // namespace arch

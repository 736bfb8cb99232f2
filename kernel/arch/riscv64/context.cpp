#include <arch/context.hpp>
#include <arch/offsets.hpp>

extern "C" void start_kernel_context(); // context.S

namespace arch {

KernelContext make_kernel_context(std::uintptr_t stack_top, void (*entry)(void*), void* argument) {
    // As switch_kernel_context leaves it: ra, s0, s1, ...
    constexpr std::size_t context_size = 112;
    auto* registers = reinterpret_cast<std::uint64_t*>(stack_top - context_size);
    registers[0] = reinterpret_cast<std::uint64_t>(&start_kernel_context);
    registers[1] = reinterpret_cast<std::uint64_t>(entry);
    registers[2] = reinterpret_cast<std::uint64_t>(argument);
    return {reinterpret_cast<std::uintptr_t>(registers)};
}

void initialise_user_frame(UserFrame& frame, std::uintptr_t pc, std::uintptr_t sp) {
    frame.general = {};
    frame.stack_pointer = sp;
    frame.program_counter = pc;
    frame.status = SSTATUS_SPIE;
}

} // namespace arch

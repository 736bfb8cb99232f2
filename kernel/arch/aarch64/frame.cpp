// Making user frames and kernel contexts, and telling the vectors where they are.

#include "thread/thread.hpp"

#include <arch/context.hpp>
#include <arch/fpu.hpp>
#include <arch/frame.hpp>
#include <arch/trampoline.hpp>
#include <cstring>

namespace arch {

extern "C" {
void start_kernel_context();
extern const char trampoline_start[];
}

void initialise_user_frame(UserFrame& frame, std::uintptr_t pc, std::uintptr_t sp) {
    frame.general = {};
    frame.program_counter = pc;
    frame.stack_pointer = sp;
    frame.status = 0; // EL0t, nothing masked
}

void bind_frame(
    UserFrame& frame, thread::Thread& thread, std::uintptr_t kernel_stack, const Translation& translation,
    std::uintptr_t frame_user_view) {
    frame.thread = &thread;
    frame.kernel_stack = kernel_stack;
    frame.kernel_root = kernel_root().value;
    frame.self = reinterpret_cast<std::uintptr_t>(&frame);
    frame.user_view = frame_user_view;
    frame.isolated_root = translation.isolated_root.value;
}

std::span<const TrampolineMapping> trampoline_mappings() {
    static TrampolineMapping mapping; // the image's place is known only at run time; every call writes the same
    mapping = {
        .va = reinterpret_cast<std::uintptr_t>(trampoline_start),
        .pa = image_to_phys(trampoline_start),
        .pages = 1,
        .rights = {.read = true, .execute = true, .global = true}};
    return {&mapping, 1};
}

KernelContext make_kernel_context(std::uintptr_t stack_top, void (*entry)(void*), void* argument) {
    // As switch_kernel_context() leaves it: x29, x30, then x19 to x28.
    struct Saved {
        std::uint64_t x29, x30, x19, x20, x21_to_x28[8];
    };
    auto* saved = reinterpret_cast<Saved*>(stack_top) - 1;
    static_assert(sizeof(Saved) % 16 == 0);
    *saved = {
        .x29 = 0,
        .x30 = reinterpret_cast<std::uintptr_t>(start_kernel_context),
        .x19 = reinterpret_cast<std::uintptr_t>(entry),
        .x20 = reinterpret_cast<std::uintptr_t>(argument),
        .x21_to_x28 = {}};
    return {reinterpret_cast<std::uintptr_t>(saved)};
}

void initialise_fpu_state(void* state) {
    std::memset(state, 0, fpu_state_size());
}

} // namespace arch

#include "thread/thread.hpp"
#include "trampoline_pages.hpp"

#include <arch/trampoline.hpp>
#include <array>

namespace arch {

/// A trampoline page; trampoline.S has both.
struct TrampolineCopy {
    const void* page;                // in the image
    std::uintptr_t uservec, userret; // in the page, where it runs
};

extern "C" {
extern const std::array<TrampolineCopy, 2> trampoline_copies; // without and with flushing
[[noreturn]] void usertrap(UserFrame& frame);
}

namespace {

const TrampolineCopy& chosen() {
    return trampoline_copies[asid_bits() ? 0 : 1];
}

constinit TrampolineMapping mapping{
    .va = TRAMPOLINE_BASE, .pa = {}, .pages = 1, .rights = {.read = true, .execute = true, .global = true}};

} // namespace

PhysAddr choose_trampoline() {
    return mapping.pa = virt_to_phys(chosen().page);
}

void set_trampoline(CpuLocal& local) {
    local.uservec = chosen().uservec;
    local.userret = chosen().userret;
}

std::span<const TrampolineMapping> trampoline_mappings() {
    return {&mapping, 1};
}

void bind_frame(
    UserFrame& frame, thread::Thread& thread, std::uintptr_t kernel_stack, const Translation&,
    std::uintptr_t frame_user_view) {
    frame.thread = &thread;
    frame.kernel_stack = kernel_stack;
    frame.usertrap = reinterpret_cast<std::uintptr_t>(&usertrap);
    frame.kernel_address = reinterpret_cast<std::uintptr_t>(&frame);
    frame.user_view = frame_user_view;
}

} // namespace arch

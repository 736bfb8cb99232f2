#include "thread/thread.hpp"
#include "trampoline_pages.hpp"

#include <arch/trampoline.hpp>

extern "C" {
extern const char trampoline_text[], uservec[], userret[];
extern const char trampoline_text_flushing[], uservec_flushing[], userret_flushing[];
[[noreturn]] void usertrap(arch::UserFrame& frame);
}

namespace arch {
namespace {

struct Copy {
    const char *text, *uservec, *userret;
    std::uintptr_t address(const char* symbol) const {
        return TRAMPOLINE_BASE + static_cast<std::uintptr_t>(symbol - text);
    }
};
constexpr Copy plain{trampoline_text, uservec, userret};
constexpr Copy flushing{trampoline_text_flushing, uservec_flushing, userret_flushing};

const Copy& chosen() {
    return asid_bits() ? plain : flushing;
}

constinit TrampolineMapping mapping{
    .va = TRAMPOLINE_BASE, .pa = {}, .pages = 1, .rights = {.read = true, .execute = true, .global = true}};

} // namespace

PhysAddr choose_trampoline() {
    return mapping.pa = virt_to_phys(chosen().text);
}

void set_trampoline(CpuLocal& local) {
    local.uservec = chosen().address(chosen().uservec);
    local.userret = chosen().address(chosen().userret);
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

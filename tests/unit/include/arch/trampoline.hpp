#pragma once
// The fake ISA's second entry mode.

#include <arch/frame.hpp>
#include <arch/page_table.hpp>
#include <span>

namespace arch {

struct TrampolineMapping {
    std::uintptr_t va;
    PhysAddr pa;
    std::size_t pages;
    PageRights rights;
};
inline std::span<const TrampolineMapping> trampoline_mappings() {
    return {};
}
constexpr std::uintptr_t trampoline_frame_address(unsigned slot) {
    return 0xffff'ff00'0000'0000 + std::uintptr_t{slot} * page_size;
}
inline void bind_frame(
    UserFrame& frame, thread::Thread& thread, std::uintptr_t kernel_stack, const Translation&,
    std::uintptr_t frame_user_view) {
    frame.thread = &thread;
    frame.kernel_stack = kernel_stack;
    frame.user_view = frame_user_view;
}

} // namespace arch

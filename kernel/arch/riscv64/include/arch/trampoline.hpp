#pragma once
// The second entry mode: user tables that hold the user's pages, the trampoline page and frame pages, nothing of the
// kernel. It is xv6's path: uservec, usertrap, usertrapret, userret (trampoline.S, trap.cpp).

#include "lib/page_rights.hpp"

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

/// What every isolated root holds besides frames.
std::span<const TrampolineMapping> trampoline_mappings();

/// Where slot's frame page appears in its isolated root, not user-accessible: going down from the page below the
/// trampoline, as in xv6. Slots 0 .. 200000.
constexpr std::uintptr_t trampoline_frame_address(unsigned slot) {
    return TRAMPOLINE_BASE - (std::uintptr_t{slot} + 1) * page_size;
}

/// Fills what the vector needs. `frame_user_view`: the frame's address in the isolated root; 0: direct mode.
void bind_frame(
    UserFrame& frame, thread::Thread& thread, std::uintptr_t kernel_stack, const Translation& translation,
    std::uintptr_t frame_user_view);

} // namespace arch

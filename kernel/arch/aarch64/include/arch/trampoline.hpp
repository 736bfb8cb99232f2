#pragma once
// The second entry mode: in user mode TTBR1_EL1 holds a root with nothing but the trampoline's text page and the frame
// pages.

#include "lib/address.hpp"
#include "lib/page_rights.hpp"

#include <arch/frame.hpp>
#include <arch/page_table.hpp>
#include <cstdint>
#include <span>

namespace arch {

struct TrampolineMapping {
    std::uintptr_t va;
    PhysAddr pa;
    std::size_t pages;
    PageRights rights;
};

/// What every isolated root holds besides frames: the text page with the trampoline's vectors, at its own address in
/// the image.
std::span<const TrampolineMapping> trampoline_mappings();

/// Where the frame page of `slot` appears in its isolated root: kernel read-write, not global.
constexpr std::uintptr_t trampoline_frame_address(unsigned slot) {
    return 0xffff'ff00'0000'0000 + static_cast<std::uintptr_t>(slot) * page_size;
}

/// Writes what the vector and restore_user_context() need. `frame_user_view`: the frame's address in the isolated root;
/// 0: direct.
void bind_frame(
    UserFrame& frame, thread::Thread& thread, std::uintptr_t kernel_stack, const Translation& translation,
    std::uintptr_t frame_user_view);

} // namespace arch

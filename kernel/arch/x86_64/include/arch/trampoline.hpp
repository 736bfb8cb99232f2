#pragma once
// The second entry mode: page-table isolation. While an isolated thread is in user mode its CPU uses isolated_root,
// which holds no kernel memory but what the way in and out needs. Everything there has the address that it has in the
// full table, but for the threads' frames.

#include "lib/address.hpp"
#include "lib/page_rights.hpp"

#include <arch/page_table.hpp>
#include <cstddef>
#include <cstdint>
#include <span>

namespace thread {
class Thread;
}

namespace arch {

struct UserFrame;

struct TrampolineMapping {
    std::uintptr_t va;
    PhysAddr pa;
    std::size_t pages;
    PageRights rights;
};

/// Entry text, IDT, and each CPU's CpuLocal page (TSS, GDT, entry stacks).
std::span<const TrampolineMapping> trampoline_mappings();

/// Where the frame page of `slot` appears in its isolated root; not user-accessible.
constexpr std::uintptr_t trampoline_frame_address(unsigned slot) {
    return isolated_frames_base + std::uintptr_t{slot} * page_size;
}

/// Fills what the vector needs. `frame_user_view`: the frame's address under the isolated root; 0: direct entry.
void bind_frame(
    UserFrame& frame, thread::Thread& thread, std::uintptr_t kernel_stack, const Translation& translation,
    std::uintptr_t frame_user_view);

} // namespace arch

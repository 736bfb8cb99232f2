#pragma once
// A frame's memory for as long as a reference is held.

#include "memory/frame.hpp"

#include <arch/page_table.hpp>

#include <cstddef>

namespace memory {

/// Takes over one reference of the frame and gives it back at its end.
class FrameView {
public:
    explicit FrameView(PhysAddr frame) : frame_(frame) {}
    ~FrameView() { release_frame(frame_); }
    FrameView(const FrameView&) = delete;
    FrameView& operator=(const FrameView&) = delete;
    /// The page's bytes in the kernel's view of RAM.
    std::byte* data() const { return arch::phys_to_virt<std::byte>(frame_); }

private:
    PhysAddr frame_;
};

} // namespace memory

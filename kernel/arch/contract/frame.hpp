#pragma once
// What arch/frame.hpp must give.

#include "arch/contract/signature.hpp"

#include <arch/frame.hpp>
#include <arch/trampoline.hpp>
#include <concepts>
#include <cstdint>
#include <type_traits>

namespace arch::contract {

/// The save area of user registers. It may live in a page of its own that user code's page tables hold: no pointers
/// into itself by a constructor, no hidden state.
template <typename Frame>
concept UserFrame = std::is_standard_layout_v<Frame> && std::is_trivially_copyable_v<Frame>
                    && sizeof(Frame) <= page_size && requires(Frame frame) {
                           { frame.general[0] } -> std::same_as<std::uint64_t&>;
                           { frame[Register{}] } -> std::same_as<std::uint64_t&>;
                           { frame.program_counter } -> std::same_as<std::uint64_t&>;
                           { frame.stack_pointer } -> std::same_as<std::uint64_t&>;
                           { frame.status } -> std::same_as<std::uint64_t&>;
                           { frame.thread } -> std::same_as<thread::Thread*&>;
                           { frame.kernel_stack } -> std::same_as<std::uintptr_t&>;
                       };

/// The registers of interrupted kernel code.
template <typename Frame>
concept KernelFrame = std::is_standard_layout_v<Frame> && std::is_trivially_copyable_v<Frame>;

static_assert(UserFrame<arch::UserFrame>);
static_assert(KernelFrame<arch::KernelFrame>);
static_assert(std::is_enum_v<arch::Register> && sizeof(arch::Register) == 1);
static_assert(
    Signature<decltype(&arch::initialise_user_frame), void(arch::UserFrame&, std::uintptr_t, std::uintptr_t)>);
static_assert(Signature<decltype(&arch::sanitise_status), std::uint64_t(std::uint64_t, std::uint64_t)>);
static_assert(Signature<decltype(&arch::restore_user_context), void(arch::UserFrame&)>);

static_assert(std::same_as<decltype(TrampolineMapping::va), std::uintptr_t>);
static_assert(std::same_as<decltype(TrampolineMapping::pa), PhysAddr>);
static_assert(std::same_as<decltype(TrampolineMapping::pages), std::size_t>);
static_assert(std::same_as<decltype(TrampolineMapping::rights), PageRights>);
static_assert(Signature<decltype(&arch::trampoline_mappings), std::span<const TrampolineMapping>()>);
static_assert(trampoline_frame_address(0) % page_size == 0, "a frame page is a page");
static_assert(trampoline_frame_address(0) != trampoline_frame_address(1));
static_assert(Signature<
              decltype(&arch::bind_frame),
              void(arch::UserFrame&, thread::Thread&, std::uintptr_t, const Translation&, std::uintptr_t)>);

} // namespace arch::contract

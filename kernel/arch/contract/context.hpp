#pragma once
// What arch/context.hpp and arch/fpu.hpp must give.

#include "arch/contract/signature.hpp"

#include <arch/context.hpp>
#include <arch/fpu.hpp>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace arch::contract {

/// Suspended kernel code: plain data, empty when default-made.
template <typename Context>
concept KernelContext = std::is_trivially_copyable_v<Context> && std::is_default_constructible_v<Context>;

/// User registers outside the frame: a child of fork gets them by assignment.
template <typename Registers>
concept ThreadRegisters = std::is_trivially_copyable_v<Registers> && std::is_default_constructible_v<Registers>;

static_assert(KernelContext<arch::KernelContext>);
static_assert(ThreadRegisters<arch::ThreadRegisters>);
static_assert(
    Signature<decltype(&arch::make_kernel_context), arch::KernelContext(std::uintptr_t, void (*)(void*), void*)>);
static_assert(
    Signature<decltype(&arch::switch_kernel_context), void(arch::KernelContext&, const arch::KernelContext&)>);
static_assert(Signature<decltype(&arch::load_kernel_context), void(const arch::KernelContext&)>);
static_assert(Signature<decltype(&arch::save_thread_registers), void(arch::ThreadRegisters&)>);
static_assert(Signature<decltype(&arch::load_thread_registers), void(const arch::ThreadRegisters&)>);
static_assert(
    Signature<decltype(&arch::switch_thread_registers), void(arch::ThreadRegisters&, const arch::ThreadRegisters&)>);
static_assert(
    Signature<
        decltype(&arch::set_thread_pointer), void(arch::UserFrame&, arch::ThreadRegisters&, std::uintptr_t, bool)>);

static_assert((fpu_state_alignment & (fpu_state_alignment - 1)) == 0 && fpu_state_alignment >= alignof(std::uint64_t));
static_assert(Signature<decltype(&arch::fpu_state_size), std::size_t()>);
static_assert(Signature<decltype(&arch::initialise_fpu_state), void(void*)>);
static_assert(Signature<decltype(&arch::save_fpu), void(void*)>);
static_assert(Signature<decltype(&arch::load_fpu), void(const void*)>);
static_assert(Signature<decltype(&arch::enable_fpu), void()>);
static_assert(Signature<decltype(&arch::disable_fpu), void()>);

} // namespace arch::contract

#pragma once
// What arch/cpu.hpp, arch/clock.hpp and arch/boot.hpp must give.

#include "arch/contract/signature.hpp"

#include <arch/boot.hpp>
#include <arch/clock.hpp>
#include <arch/cpu.hpp>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace arch::contract {

/// ISA data at the start of thread::Cpu: reached by assembly, so it has a fixed layout.
template <typename Local>
concept CpuLocal = std::is_standard_layout_v<Local> && std::is_default_constructible_v<Local>;

static_assert(CpuLocal<arch::CpuLocal>);
static_assert(std::is_trivially_copyable_v<arch::InterruptState>);
static_assert(Signature<decltype(&arch::current_cpu), thread::Cpu&()>);
static_assert(Signature<decltype(&arch::set_current_cpu), void(thread::Cpu&)>);
static_assert(Signature<decltype(&arch::save_and_disable_interrupts), arch::InterruptState()>);
static_assert(Signature<decltype(&arch::restore_interrupts), void(arch::InterruptState)>);
static_assert(Signature<decltype(&arch::interrupts_enabled), bool()>);
static_assert(Signature<decltype(&arch::enable_interrupts), void()>);
static_assert(Signature<decltype(&arch::disable_interrupts), void()>);
static_assert(Signature<decltype(&arch::wait_for_interrupt), void()>);
static_assert(Signature<decltype(&arch::spin_hint), void()>);
static_assert(Signature<decltype(&arch::halt), void()>);
static_assert(Signature<decltype(&arch::random_word), std::uint64_t()>);
static_assert(Signature<decltype(&arch::isa_name), std::string_view()>);
static_assert(Signature<decltype(&arch::print_registers), void(const KernelFrame&)>);
static_assert(Signature<decltype(&arch::print_backtrace), void()>);

static_assert(Signature<decltype(&arch::counter), std::uint64_t()>);
static_assert(Signature<decltype(&arch::counter_frequency), std::uint64_t()>);
static_assert(Signature<decltype(&arch::set_alarm), void(std::uint64_t)>);
static_assert(Signature<decltype(&arch::stop_alarm), void()>);

static_assert(Signature<decltype(&arch::initialise_cpu), void()>);
static_assert(Signature<decltype(&arch::start_secondary), Result<>(std::uint64_t, thread::Cpu&)>);
static_assert(Signature<decltype(&arch::send_ipi), void(thread::Cpu&)>);
static_assert(Signature<decltype(&arch::power_off), void()>);
static_assert(Signature<decltype(&arch::reboot), void()>);

} // namespace arch::contract

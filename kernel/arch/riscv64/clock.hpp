#pragma once
// What the device tree says of the clock, for this folder.

#include <cstdint>
#include <string_view>

namespace arch {

/// The boot hart's `riscv,isa`: has it Sstc?
void use_isa(std::string_view isa);
/// `timebase-frequency`, Hz.
void use_timebase(std::uint64_t frequency);

} // namespace arch

#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace host {

enum class Isa : std::uint8_t { aarch64, riscv64, x86_64 };
inline constexpr std::array all_isas{Isa::aarch64, Isa::riscv64, Isa::x86_64};

/// The ISA's name as in the presets and in `uname -m`.
std::string_view name_of(Isa isa);

/// Debian's name of the architecture (arm64, riscv64, amd64).
std::string_view debian_name_of(Isa isa);

std::optional<Isa> isa_named(std::string_view name);

/// What the first bytes of a file say. Reading of the whole ELF is the kernel's work; this only chooses the machine.
struct ProgramKind {
    bool is_elf = false;
    std::optional<Isa> isa; ///< empty for no ELF and for the ELF of a machine that there is no kernel for
    std::uint16_t machine = 0;
};
ProgramKind look_at_program(const std::filesystem::path& file);

} // namespace host

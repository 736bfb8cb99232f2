#include "isa.hpp"

#include <array>
#include <elf.h>
#include <fstream>

namespace host {

namespace {

struct Row {
    Isa isa;
    std::string_view name;
    std::string_view debian;
    std::uint16_t machine; ///< e_machine
};

constexpr std::array rows{
    Row{Isa::aarch64, "aarch64", "arm64", EM_AARCH64},
    Row{Isa::riscv64, "riscv64", "riscv64", EM_RISCV},
    Row{Isa::x86_64, "x86_64", "amd64", EM_X86_64},
};

const Row& row_of(Isa isa) {
    return rows.at(static_cast<std::size_t>(isa));
}

} // namespace

std::string_view name_of(Isa isa) {
    return row_of(isa).name;
}

std::string_view debian_name_of(Isa isa) {
    return row_of(isa).debian;
}

std::optional<Isa> isa_named(std::string_view name) {
    for (const Row& row : rows) {
        if (row.name == name || row.debian == name) {
            return row.isa;
        }
    }
    return std::nullopt;
}

ProgramKind look_at_program(const std::filesystem::path& file) {
    std::array<char, EI_NIDENT + 4> head{};
    std::ifstream(file, std::ios::binary).read(head.data(), head.size());
    ProgramKind kind;
    kind.is_elf = std::string_view(head.data(), SELFMAG) == ELFMAG;
    if (!kind.is_elf) {
        return kind;
    }
    // e_ident, e_type, e_machine; all three ISAs are little-endian.
    const auto low = static_cast<unsigned char>(head[EI_NIDENT + 2]);
    const auto high = static_cast<unsigned char>(head[EI_NIDENT + 3]);
    kind.machine = static_cast<std::uint16_t>(low | high << 8);
    for (const Row& row : rows) {
        if (row.machine == kind.machine && head[EI_CLASS] == ELFCLASS64) {
            kind.isa = row.isa;
        }
    }
    return kind;
}

} // namespace host

#include "walk/isa_view.hpp"

#include <array>

namespace host::walk {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::array aarch64_general{"x0"sv,  "x1"sv,  "x2"sv,  "x3"sv,  "x4"sv,  "x5"sv,  "x6"sv,  "x7"sv,
                                     "x8"sv,  "x9"sv,  "x10"sv, "x11"sv, "x12"sv, "x13"sv, "x14"sv, "x15"sv,
                                     "x16"sv, "x17"sv, "x18"sv, "x19"sv, "x20"sv, "x21"sv, "x22"sv, "x23"sv,
                                     "x24"sv, "x25"sv, "x26"sv, "x27"sv, "x28"sv, "x29"sv, "x30"sv, "sp"sv};
constexpr std::array aarch64_arguments{"x0"sv, "x1"sv, "x2"sv, "x3"sv, "x4"sv, "x5"sv};
constexpr std::array<ShownRegister, 9> aarch64_system{
    {{"ELR_EL1", "ELR_EL1"},
     {"ESR_EL1", "ESR_EL1"},
     {"FAR_EL1", "FAR_EL1"},
     {"SPSR_EL1", "SPSR_EL1"},
     {"SP_EL0", "SP_EL0"},
     {"SP_EL1", "SP_EL1"},
     {"VBAR_EL1", "VBAR"},
     {"TTBR0_EL1", "TTBR0_EL1"},
     {"TTBR1_EL1", "TTBR1_EL1"}}};

constexpr std::array riscv_general{"ra"sv, "sp"sv,  "gp"sv,  "tp"sv, "t0"sv, "t1"sv, "t2"sv, "fp"sv,
                                   "s1"sv, "a0"sv,  "a1"sv,  "a2"sv, "a3"sv, "a4"sv, "a5"sv, "a6"sv,
                                   "a7"sv, "s2"sv,  "s3"sv,  "s4"sv, "s5"sv, "s6"sv, "s7"sv, "s8"sv,
                                   "s9"sv, "s10"sv, "s11"sv, "t3"sv, "t4"sv, "t5"sv, "t6"sv};
constexpr std::array riscv_arguments{"a0"sv, "a1"sv, "a2"sv, "a3"sv, "a4"sv, "a5"sv};
constexpr std::array<ShownRegister, 7> riscv_system{
    {{"SATP", "satp"},
     {"STVEC", "stvec"},
     {"SEPC", "sepc"},
     {"SCAUSE", "scause"},
     {"STVAL", "stval"},
     {"SSCRATCH", "sscratch"},
     {"SSTATUS", "sstatus"}}};

constexpr std::array x86_general{"rax"sv, "rbx"sv, "rcx"sv, "rdx"sv, "rsi"sv, "rdi"sv, "rbp"sv, "rsp"sv,
                                 "r8"sv,  "r9"sv,  "r10"sv, "r11"sv, "r12"sv, "r13"sv, "r14"sv, "r15"sv};
constexpr std::array x86_arguments{"rdi"sv, "rsi"sv, "rdx"sv, "r10"sv, "r8"sv, "r9"sv};
constexpr std::array<ShownRegister, 6> x86_system{
    {{"CR2", "cr2"},
     {"CR3", "cr3"},
     {"GS base", "gs_base"},
     {"kernel GS base", "k_gs_base"},
     {"FS base", "fs_base"},
     {"RFLAGS", "eflags"}}};

unsigned aarch64_privilege(std::uint64_t cpsr) {
    return static_cast<unsigned>(cpsr >> 2 & 3);
}
std::string_view aarch64_mode(unsigned privilege) {
    constexpr std::array names{"EL0"sv, "EL1"sv, "EL2"sv, "EL3"sv};
    return names.at(privilege & 3);
}
unsigned riscv_privilege(std::uint64_t priv) {
    return static_cast<unsigned>(priv & 3);
}
std::string_view riscv_mode(unsigned privilege) {
    constexpr std::array names{"U"sv, "S"sv, "H"sv, "M"sv};
    return names.at(privilege & 3);
}
/// Higher is more privileged here, as on the others: ring 3 is 0.
unsigned x86_privilege(std::uint64_t cs) {
    return static_cast<unsigned>(3 - (cs & 3));
}
std::string_view x86_mode(unsigned privilege) {
    constexpr std::array names{"ring 3"sv, "ring 2"sv, "ring 1"sv, "ring 0"sv};
    return names.at(privilege & 3);
}

constexpr IsaView aarch64_view{
    .triple = "aarch64-none-elf",
    .features = "+v8.5a",
    .program_counter = "pc",
    .stack_pointer = "sp",
    .number = "x8",
    .arguments = aarch64_arguments,
    .result = "x0",
    .general = aarch64_general,
    .system = aarch64_system,
    .mode_register = "cpsr",
    .largest_instruction = 4,
    .privilege = aarch64_privilege,
    .mode_name = aarch64_mode};
constexpr IsaView riscv64_view{
    .triple = "riscv64-none-elf",
    .features = "+m,+a,+f,+d,+c",
    .program_counter = "pc",
    .stack_pointer = "sp",
    .number = "a7",
    .arguments = riscv_arguments,
    .result = "a0",
    .general = riscv_general,
    .system = riscv_system,
    .mode_register = "priv",
    .largest_instruction = 4,
    .privilege = riscv_privilege,
    .mode_name = riscv_mode};
constexpr IsaView x86_64_view{
    .triple = "x86_64-none-elf",
    .features = "",
    .program_counter = "rip",
    .stack_pointer = "rsp",
    .number = "rax",
    .arguments = x86_arguments,
    .result = "rax",
    .general = x86_general,
    .system = x86_system,
    .mode_register = "cs",
    .largest_instruction = 15,
    .privilege = x86_privilege,
    .mode_name = x86_mode};

} // namespace

const IsaView& view_of(Isa isa) {
    switch (isa) {
    case Isa::aarch64:
        return aarch64_view;
    case Isa::riscv64:
        return riscv64_view;
    case Isa::x86_64:
        break;
    }
    return x86_64_view;
}

} // namespace host::walk

#include "check/instruction.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

namespace host::check {

namespace {

using Kind = Operation::Kind;

constexpr std::array<std::string_view, 32> riscv_names{
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0",  "a1",  "a2", "a3", "a4", "a5",
    "a6",   "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
constexpr std::array<std::string_view, 8> x86_names{"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};

/// "%rax", "%eax", "%r8d": the number; nothing for parts (%al) and for what is no general register.
Register x86_register(std::string_view name) {
    if (name.size() < 3 || name.front() != '%' || (name[1] != 'r' && name[1] != 'e')) {
        return no_register;
    }
    name.remove_prefix(2);
    for (std::size_t i = 0; i < x86_names.size(); i++) {
        if (name == x86_names.at(i)) {
            return static_cast<Register>(i);
        }
    }
    unsigned number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    const bool whole = end == name.data() + name.size() || *end == 'd';
    return error == std::errc{} && whole && number >= 8 && number < 16 ? static_cast<Register>(number) : no_register;
}

Register arm_register(std::string_view name) {
    if (name.size() < 2 || (name.front() != 'x' && name.front() != 'w')) {
        return no_register;
    }
    unsigned number = 0;
    const auto [end, error] = std::from_chars(name.data() + 1, name.data() + name.size(), number);
    return error == std::errc{} && end == name.data() + name.size() && number < 31 ? static_cast<Register>(number)
                                                                                   : no_register;
}

Register riscv_register(std::string_view name) {
    const auto at = std::ranges::find(riscv_names, name == "fp" ? "s0" : name);
    return at == riscv_names.end() ? no_register : static_cast<Register>(at - riscv_names.begin());
}

/// "#0x38", "$59", "-1".
std::optional<std::uint64_t> number_in(std::string_view text) {
    if (text.starts_with('#') || text.starts_with('$')) {
        text.remove_prefix(1);
    }
    const bool negative = text.starts_with('-');
    text.remove_prefix(negative ? 1 : 0);
    const bool hexadecimal = text.starts_with("0x");
    text.remove_prefix(hexadecimal ? 2 : 0);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, hexadecimal ? 16 : 10);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return negative ? 0 - value : value;
}

struct Parts {
    std::string_view mnemonic;
    std::vector<std::string_view> operands;
};

/// Operands part at commas outside of brackets.
Parts parts_of(std::string_view text) {
    Parts parts;
    const std::size_t blank = text.find(' ');
    parts.mnemonic = text.substr(0, blank);
    std::string_view rest = blank == std::string_view::npos ? std::string_view() : text.substr(blank + 1);
    int depth = 0;
    std::size_t start = 0;
    for (std::size_t i = 0; i <= rest.size(); i++) {
        const char c = i < rest.size() ? rest[i] : ',';
        depth += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
        if (c == ',' && (depth == 0 || i == rest.size())) {
            std::string_view one = rest.substr(start, i - start);
            one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
            if (!one.empty()) {
                parts.operands.push_back(one);
            }
            start = i + 1;
        }
    }
    return parts;
}

std::uint64_t relative(std::uint64_t address, const Parts& parts) {
    const auto offset = parts.operands.empty() ? std::nullopt : number_in(parts.operands.back());
    return offset ? address + *offset : 0;
}

/// What an instruction with its target in front does: both RISC machines print it so.
Operation risc_move(const Parts& parts, Register (*named)(std::string_view), std::string_view load_constant) {
    Operation operation;
    if (parts.operands.empty()) {
        return operation;
    }
    operation.target = named(parts.operands[0]);
    if (parts.operands.size() == 2
        && (parts.mnemonic == "mov" || parts.mnemonic == "mv" || parts.mnemonic == load_constant)) {
        if (const auto value = number_in(parts.operands[1])) {
            operation.kind = Kind::constant;
            operation.value = *value;
        } else if (named(parts.operands[1]) != no_register) {
            operation.kind = Kind::copy;
            operation.source = named(parts.operands[1]);
        }
    }
    return operation;
}

Operation understand_arm(std::uint64_t address, const Parts& parts) {
    const std::string_view name = parts.mnemonic;
    if (name == "svc") {
        return {.kind = Kind::trap};
    }
    if (name == "bl" || name == "blr") {
        return {.kind = Kind::call, .value = name == "bl" ? relative(address, parts) : 0};
    }
    if (name == "b" || name == "br" || name.starts_with("ret") || name == "udf" || name == "brk") {
        return {.kind = Kind::leave};
    }
    if (name.starts_with("st") || name.starts_with("b.") || name.starts_with("cb") || name.starts_with("tb")
        || name.starts_with("cmp") || name == "tst" || name == "msr" || name == "prfm") {
        return {};
    }
    return risc_move(parts, arm_register, "mov");
}

Operation understand_riscv(std::uint64_t address, const Parts& parts) {
    const std::string_view name = parts.mnemonic;
    if (name == "ecall") {
        return {.kind = Kind::trap};
    }
    if (name == "jal" || name == "jalr") {
        return {.kind = Kind::call, .value = name == "jal" ? relative(address, parts) : 0};
    }
    if (name == "j" || name == "jr" || name == "ret" || name == "unimp" || name == "ebreak") {
        return {.kind = Kind::leave};
    }
    if (name == "sb" || name == "sh" || name == "sw" || name == "sd" || name == "fsd" || name == "fsw"
        || (name.starts_with('b') && name != "bset")) {
        return {};
    }
    return risc_move(parts, riscv_register, "li");
}

Operation understand_x86(std::uint64_t next, const Parts& parts) {
    const std::string_view name = parts.mnemonic;
    const std::size_t count = parts.operands.size();
    if (name == "syscall") {
        return {.kind = Kind::trap};
    }
    if (name.starts_with("call")) {
        return {.kind = Kind::call, .value = relative(next, parts)};
    }
    if (name == "jmp" || name == "jmpq" || name.starts_with("ret") || name == "hlt" || name == "ud2") {
        return {.kind = Kind::leave};
    }
    if (count == 0 || name.starts_with("cmp") || name.starts_with("test") || name.starts_with('j')) {
        return {};
    }
    const std::string_view last = parts.operands.back();
    Operation operation{.target = x86_register(last)};
    const auto value = number_in(parts.operands.front());
    if (name.starts_with("push")) {
        return {.kind = value ? Kind::constant : Kind::other, .target = stack_argument, .value = value.value_or(0)};
    }
    if (name.starts_with("mov") && count == 2) {
        if (value && last == "(%rsp)") {
            return {.kind = Kind::constant, .target = stack_argument, .value = *value};
        }
        const Register source = x86_register(parts.operands.front());
        const bool from_stack =
            parts.operands.front().ends_with("(%rsp)") || parts.operands.front().ends_with("(%rbp)");
        if (operation.target != no_register && value) {
            operation.kind = Kind::constant;
            operation.value = *value;
        } else if (operation.target != no_register && (source != no_register || from_stack)) {
            operation.kind = Kind::copy;
            operation.source = source != no_register ? source : stack_argument;
        }
    } else if (name.starts_with("xor") && count == 2 && parts.operands[0] == last) {
        operation.kind = Kind::constant;
    }
    if (operation.target == no_register && (last == "%al" || last == "%ax")) {
        operation.target = 0;
    }
    return operation;
}

} // namespace

Operation understand(Isa isa, std::uint64_t address, std::string_view text) {
    const Parts parts = parts_of(text);
    switch (isa) {
    case Isa::aarch64:
        return understand_arm(address, parts);
    case Isa::riscv64:
        return understand_riscv(address, parts);
    case Isa::x86_64:
        break;
    }
    return understand_x86(address, parts);
}

bool is_kept_over_calls(Isa isa, Register which) {
    switch (isa) {
    case Isa::aarch64:
        return which >= 19 && which <= 29;
    case Isa::riscv64:
        return which == 8 || which == 9 || (which >= 18 && which <= 27);
    case Isa::x86_64:
        break;
    }
    return which == 3 || which == 5 || (which >= 12 && which <= 15);
}

bool is_argument(Isa isa, Register which) {
    constexpr std::array<Register, 7> x86_arguments{7, 6, 2, 1, 8, 9, stack_argument};
    switch (isa) {
    case Isa::aarch64:
        return which < 8;
    case Isa::riscv64:
        return which >= 10 && which < 17; // the last one is the number register itself
    case Isa::x86_64:
        break;
    }
    return std::ranges::contains(x86_arguments, which);
}

Register number_register(Isa isa) {
    return isa == Isa::aarch64 ? 8 : isa == Isa::riscv64 ? 17 : 0;
}

} // namespace host::check

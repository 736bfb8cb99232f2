#pragma once
// How sel4_isa/context.hpp describes the register contexts and fault messages of its ISA: which saved register stands
// at which place.

#include <arch/frame.hpp>
#include <cstdint>

namespace abi::sel4::isa {

struct ContextWord {
    enum class Kind : std::uint8_t {
        program_counter,
        stack_pointer,
        status,
        general,
        thread_pointer,
        special, // the ISA's one register more: read_special(), write_special()
    } kind;
    arch::Register reg{}; // general

    constexpr ContextWord(Kind which) : kind(which) {}
    constexpr ContextWord(arch::Register which) : kind(Kind::general), reg(which) {}
};

} // namespace abi::sel4::isa

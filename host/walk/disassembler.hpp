#pragma once

#include "walk/isa_view.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace host::walk {

struct Instruction {
    std::string text;   ///< "svc #0", without leading blanks; empty when the bytes are none
    unsigned bytes = 0; ///< its length
};

/// Instructions as text, by LLVM's C interface.
class Disassembler {
public:
    explicit Disassembler(const IsaView& view);
    ~Disassembler();
    Disassembler(const Disassembler&) = delete;

    [[nodiscard]] Instruction at(std::uint64_t address, std::vector<std::uint8_t> bytes) const;

private:
    void* context_;
};

} // namespace host::walk

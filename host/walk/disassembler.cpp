#include "walk/disassembler.hpp"

#include "failure.hpp"

#include <algorithm>
#include <array>
#include <llvm-c/Disassembler.h>
#include <llvm-c/Target.h>

namespace host::walk {

Disassembler::Disassembler(const IsaView& view) {
    LLVMInitializeAArch64TargetInfo();
    LLVMInitializeAArch64TargetMC();
    LLVMInitializeAArch64Disassembler();
    LLVMInitializeRISCVTargetInfo();
    LLVMInitializeRISCVTargetMC();
    LLVMInitializeRISCVDisassembler();
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86Disassembler();
    context_ = LLVMCreateDisasmCPUFeatures(
        std::string(view.triple).c_str(), "", std::string(view.features).c_str(), nullptr, 0, nullptr, nullptr);
    if (context_ == nullptr) {
        throw Failure(own_failure, "this LLVM cannot disassemble " + std::string(view.triple));
    }
    LLVMSetDisasmOptions(context_, LLVMDisassembler_Option_PrintImmHex);
}

Disassembler::~Disassembler() {
    LLVMDisasmDispose(context_);
}

Instruction Disassembler::at(std::uint64_t address, std::vector<std::uint8_t> bytes) const {
    std::array<char, 256> text{};
    const std::size_t length =
        LLVMDisasmInstruction(context_, bytes.data(), bytes.size(), address, text.data(), text.size());
    std::string plain(text.data());
    plain.erase(0, plain.find_first_not_of(" \t"));
    std::ranges::replace(plain, '\t', ' ');
    return {length == 0 ? std::string() : plain, static_cast<unsigned>(length)};
}

} // namespace host::walk

// An ELF file as anybody hands it to `pylon check`.

#include "check/elf_program.hpp"
#include "failure.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    try {
        const host::check::ElfProgram program = host::check::read_program(bytes, "program");
        for (const host::check::Code& code : program.code)
            if (code.bytes.data() < bytes.data() || code.bytes.data() + code.bytes.size() > bytes.data() + size)
                std::abort();
    } catch (const host::Failure&) {
        // It says why.
    }
    return 0;
}

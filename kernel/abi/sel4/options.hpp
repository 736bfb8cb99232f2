#pragma once
// What a seL4 system is started with. seL4 decides these when it is built, and a root task is built for one outcome:
// the numbers of the invocations depend on it. An ELF note says it, or the words behind the program's name do, which
// are the system's options as words behind seL4's own image are on x86.

#include "lib/result.hpp"

#include <arch/frame.hpp>
#include <cstdint>
#include <string_view>

namespace process {
class ArgumentBlock;
class ElfImage;
} // namespace process

namespace abi::sel4 {

/// Types of the ELF notes of owner "seL4". They have no contents.
enum class Note : std::uint32_t {
    abi_tag = 1,  // a root task
    smp = 2,      // built with ENABLE_SMP_SUPPORT
    no_debug = 3, // built without DEBUG_BUILD and PRINTING
};

struct Options {
    bool smp = false;         // TCB_SetAffinity and its like are there, all cores may be used
    bool debug_calls = true;  // DebugPutChar and its like are answered
    std::uint64_t memory = 0; // bytes of the whole system; 0: the kernel's choice

    /// One word: "smp", "release", "memory=SIZE" (bytes, or with K, M, G). False: it is none of them.
    bool accept(std::string_view word);
};

/// On their way from exec to the process that keeps the system: in the registers of its thread, which runs no program.
void put_options(const Options& options, arch::UserFrame& frame);
Options get_options(const arch::UserFrame& frame);

/// The program's notes, then the words behind its name. Errors: invalid_argument (logged by name).
Result<Options> read_options(const process::ElfImage& image, const process::ArgumentBlock& arguments);

} // namespace abi::sel4

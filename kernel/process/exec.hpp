#pragma once
// Replacing a process's program. The new image is built completely beside the old one; only then the old one goes. What
// fails before that leaves the caller as it was.

#include "abi/personality.hpp"
#include "file/tree.hpp"
#include "lib/ref.hpp"
#include "memory/address_space.hpp"
#include "process/argument_block.hpp"
#include "process/elf_image.hpp"
#include "process/process.hpp"

#include <arch/frame.hpp>

namespace process {

/// All about one exec. Too large for a kernel stack: allocated.
struct ExecRequest {
    ExecRequest() = default;
    ExecRequest(const ExecRequest&) = delete;
    ~ExecRequest();

    // What the caller gives.
    ArgumentBlock arguments;
    ArgumentBlock environment;
    const abi::Personality* personality = nullptr; // null: recognise
    bool isolate = false; // trampoline entry, whatever the personality prefers; from the process when that has it

    // What exec finds before it calls the personality's load().
    file::Path executable;
    bool holds_execution = false; // executable's begin_execution() was called and not handed on
    ElfImage image;
    char path[256] = {};     // AT_EXECFN: as the caller named it (of a script: the script)
    Credentials credentials; // of the new program
    bool secure = false;
    memory::EntryMode entry_mode = memory::EntryMode::direct;
    std::uint64_t stack_limit = 8u << 20; // bytes

    // What load() gives back.
    Ref<memory::AddressSpace> address_space;
    arch::UserFrame frame; // general, program_counter, stack_pointer count
    Process::Arguments argument_area;
    std::uintptr_t support_code = 0; // Process::support_code
};

/// For loaders (interpreters): a regular file that the running thread's process may execute.
/// Errors: as path look-up; access_denied (not regular, no execute right).
Result<file::Path> find_executable(std::string_view path);
/// Reads and checks an ELF header. Errors: as ElfImage::parse.
Result<> read_image(file::Inode& inode, ElfImage& image);

/// Prepares: resolves scripts, recognises the personality, checks rights, loads. Nothing of the process changes.
/// `path` is as the caller wrote it; `executable` is already looked up.
Result<> prepare(ExecRequest& request, file::Path executable, std::string_view path);
/// Commits a prepared request to the running thread's process. Does not fail towards the caller: behind the point of no
/// return a failure kills the process. Errors before it: restart.
Result<> commit(thread::Thread& current, ExecRequest& request) EXCLUDES(tree_lock);

/// The end of a kernel thread's life and the start of a program's: enters user mode with what commit() has set up. For
/// threads made by spawn().
[[noreturn]] void become_program();

} // namespace process

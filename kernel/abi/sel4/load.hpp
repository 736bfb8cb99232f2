#pragma once
// Root tasks: from an ELF file to a system whose initial thread is ready. seL4 manual 9 "System Bootstrapping".

#include "abi/sel4/options.hpp"
#include "abi/sel4/system.hpp"
#include "lib/result.hpp"

namespace process {
class ElfImage;
class Process;
struct ExecRequest;
} // namespace process
namespace file {
class Inode;
}

namespace abi::sel4 {

// abi::Personality's.
unsigned recognise(const process::ElfImage& image);
Result<> load(process::ExecRequest& request);

/// Bytes that a system of this root task needs before it has any untyped memory.
std::uint64_t least_memory(const process::ElfImage& image);
/// Makes the system of a root task: its objects in frames of its own, `options.memory` bytes of memory in all, the rest
/// of it untyped. Its initial thread is not started. Errors: not_executable (no static program, or its addresses are
/// not to be had), no_memory, io.
Result<System*> create_system(file::Inode& inode, const process::ElfImage& image, const Options& options);
/// The initial thread runs.
void start_system(System& system) EXCLUDES(lock);

} // namespace abi::sel4

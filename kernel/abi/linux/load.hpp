#pragma once
// Loading a Linux program: segments, interpreter, stack and auxiliary vector as execve(2) leaves them.

#include "lib/result.hpp"

namespace process {
class ElfImage;
struct ExecRequest;
} // namespace process

namespace abi::linux {

/// abi::Personality::recognise.
unsigned recognise(const process::ElfImage& image);
/// abi::Personality::load. Errors: no_memory, bad_executable, not_executable, and those of finding the interpreter.
Result<> load(process::ExecRequest& request);

} // namespace abi::linux

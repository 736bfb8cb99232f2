#pragma once
// Loading an RT-Thread Smart program: segments, interpreter, heap, stack, arguments and start registers.

#include "abi/rtthread/generation.hpp"

namespace process {
class ElfImage;
struct ExecRequest;
} // namespace process

namespace abi::rtthread {

/// abi::Personality::recognise: an interpreter of RT-Thread's, or a program linked to where its loader wants it and
/// entered at its first byte.
unsigned recognise(const process::ElfImage& image);
/// The same for 5.0.x, which is only asked for by name.
unsigned recognise_nothing(const process::ElfImage& image);
/// abi::Personality::load. A program that one of 5.0.x executes is of 5.0.x too. Errors: no_memory, bad_executable,
/// too_big, and those of finding the interpreter.
Result<> load(process::ExecRequest& request);

} // namespace abi::rtthread

#pragma once
// Loading an xv6 program as xv6's exec() does (kernel/exec.c).

#include "lib/result.hpp"

namespace process {
class ElfImage;
struct ExecRequest;
} // namespace process

namespace abi::xv6 {

/// abi::Personality::recognise: xv6 leaves no mark in its files, but nobody else links a static program at address 0.
unsigned recognise(const process::ElfImage& image);
/// abi::Personality::load. Errors: no_memory (or larger than xv6's machine), bad_executable, too_big (the arguments do
/// not fit the stack's page).
Result<> load(process::ExecRequest& request);

} // namespace abi::xv6

#pragma once
// The xv6 personality: xv6-riscv's system calls (f5b93ef, 2022-08-25), on all ISAs. README.md has the conventions.

#include "abi/personality.hpp"

namespace abi::xv6 {

extern const Personality personality;

} // namespace abi::xv6

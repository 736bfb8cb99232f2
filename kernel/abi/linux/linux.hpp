#pragma once
// The Linux personality.

#include "abi/personality.hpp"

namespace abi::linux {

extern const Personality personality;

} // namespace abi::linux

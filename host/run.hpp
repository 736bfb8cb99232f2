#pragma once

#include "options.hpp"

namespace host {

/// `pylon run` and `pylon debug`: boots the kernel with the program and relays its streams; returns pylon's exit
/// status.
int run(RunOptions options);

} // namespace host

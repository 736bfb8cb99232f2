#pragma once
// The first program.

#include "boot/boot_info.hpp"
#include "lib/result.hpp"

namespace boot {

/// Makes the first process as `.tetrapylon/run` says (docs/boot-protocol.md; without that file: /init, else /bin/sh, on
/// the console) and starts it. A program that cannot be started is not a failure of this step: it is reported on the
/// control port and the machine goes off. Boot CPU, the last step of the boot. Errors: no_memory.
Result<> start_first_process(BootInfo& info);

} // namespace boot

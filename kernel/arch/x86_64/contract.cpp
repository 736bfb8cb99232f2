// This port fulfils the contract, and assembly's offsets are the types' own.

#include "arch/contract/port.hpp"
#include "thread/cpu.hpp"
#include "thread/thread.hpp"

namespace arch {

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Winvalid-offsetof"
static_assert(offsetof(thread::Cpu, arch) == 0);
#pragma clang diagnostic pop

} // namespace arch

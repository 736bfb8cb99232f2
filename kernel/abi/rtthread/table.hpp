#pragma once
// The system-call tables of both generations and the way into them.

#include "abi/table.hpp"

#include <span>

namespace abi::rtthread {

/// abi::Personality::syscall. The names are the stations of the original's path (SVC_Handler, lwp_get_sys_api,
/// svc_exit).
void SVC_Handler(thread::Thread& thread);
void SVC_Handler_5_0(thread::Thread& thread);

/// All rows, indexed by number; one without `run` is a call that answers -ENOSYS, its name is known all the same.
std::span<const Call> system_calls();
std::span<const Call> system_calls_5_0();

} // namespace abi::rtthread

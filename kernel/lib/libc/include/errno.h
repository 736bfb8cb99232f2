#pragma once
// libc++'s <system_error> wants the header; the kernel's errors are lib/result.hpp's.

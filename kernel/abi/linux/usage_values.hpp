#pragma once
// Linux's structure for resource usage.

#include "abi/linux/time_values.hpp"
#include "process/process.hpp"

#include <cstring>
#include <linux/resource.h>

namespace abi::linux {

inline struct rusage to_rusage(const process::Usage& usage) {
    struct rusage out;
    std::memset(&out, 0, sizeof(out));
    out.ru_utime = to_timeval(usage.user);
    out.ru_stime = to_timeval(usage.system);
    out.ru_maxrss = static_cast<__kernel_long_t>(usage.max_resident_pages * (page_size / 1024));
    out.ru_minflt = static_cast<__kernel_long_t>(usage.minor_faults);
    out.ru_majflt = static_cast<__kernel_long_t>(usage.major_faults);
    out.ru_nvcsw = static_cast<__kernel_long_t>(usage.voluntary_switches);
    out.ru_nivcsw = static_cast<__kernel_long_t>(usage.involuntary_switches);
    return out;
}

} // namespace abi::linux

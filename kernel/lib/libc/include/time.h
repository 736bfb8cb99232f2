#pragma once
// <ctime> and <chrono> name these; the kernel's clocks are its own.
#include <stddef.h>

typedef long time_t;
typedef long clock_t;
struct timespec {
    time_t tv_sec;
    long tv_nsec;
};
struct tm;

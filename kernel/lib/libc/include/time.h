#pragma once
// <ctime> and <chrono> name these; the kernel's clocks are its own.
#include <stddef.h>

typedef long time_t;
typedef long clock_t;
#ifndef _STRUCT_TIMESPEC // the guard of the Linux UAPI headers, which define the same structure
#define _STRUCT_TIMESPEC
struct timespec {
    time_t tv_sec;
    long tv_nsec;
};
#endif
struct tm;

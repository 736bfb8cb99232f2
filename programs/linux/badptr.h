// What badptr does to a system call: the call with all its arguments right, and which of them are pointers.
#pragma once
#include <stddef.h>

enum argument_kind {
    plain,  // a value
    input,  // the kernel reads `size` bytes, found at `value` in this program
    output, // the kernel writes up to `size` bytes
    string, // the kernel reads a string, found at `value`
    inout,  // the kernel reads, then writes, `size` bytes, found at `value`
};

struct argument {
    enum argument_kind kind;
    unsigned size;
    long value;
};

struct bad_call {
    const char* name;
    long number;
    struct argument arguments[6];
};

// Descriptors that are open when a call is made.
enum { zero_fd = 20, file_fd, folder_fd, pipe_read_fd, pipe_write_fd, terminal_fd };

extern const struct bad_call bad_calls[];
extern const size_t bad_call_count;

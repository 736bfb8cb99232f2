#pragma once
// Errors of the shared services. They name what went wrong, not any kernel's number for it:
// each personality translates them once, in abi/<name>/errors.

#include <cstdint>

enum class Error : std::uint8_t {
    // arguments and memory
    bad_address,      // user memory that is not mapped, or not with the needed right
    invalid_argument, // a value outside what the operation takes
    no_memory,        // out of frames, of kernel pool memory, or over a limit on memory
    too_big,          // argument list or object larger than the system takes
    out_of_range,     // a result or position that the type cannot hold
    overflow,         // a value too large for the field it must be stored in
    // names and files
    not_found, // no such file, process or object
    exists,    // already there
    not_directory,
    is_directory,
    not_empty,
    name_too_long,
    too_many_links, // symbolic link loop
    link_limit,     // link count of an object is at its limit
    cross_device,
    read_only, // read-only file system
    no_space,
    file_too_large,
    not_seekable,
    not_tty,
    text_busy, // a running executable may not be written
    no_attribute,
    // descriptors and devices
    bad_descriptor,
    too_many_open_files, // this process's table is full
    file_table_full,     // the system's limit
    cannot_be_mapped,    // a file that has no pages
    no_device,           // there is a name but no driver or medium behind it
    io,                  // the device failed
    broken_pipe,
    would_block,
    not_connected,
    not_socket,
    // processes and permissions
    not_permitted, // the operation is reserved
    access_denied, // the mode bits say no
    no_process,
    no_child,
    try_again,   // a limit on processes or threads was reached
    interrupted, // a signal ended the wait; the call is not restarted
    restart,     // a signal ended the wait; the personality may restart the call
    timed_out,
    deadlock,
    busy,
    owner_died,
    // programs
    not_executable, // no known executable format
    bad_executable, // known format, broken contents
    wrong_architecture,
    // the rest
    not_supported,  // the operation is not one this object has
    no_system_call, // there is no such call
};

/// The enumerator's name, for the kernel log ("not_found").
const char* error_name(Error error);

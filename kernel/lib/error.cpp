#include "lib/error.hpp"

const char* error_name(Error error) {
    switch (error) {
#define NAME(value)                                                                                                    \
    case Error::value:                                                                                                 \
        return #value;
        NAME(bad_address)
        NAME(invalid_argument)
        NAME(no_memory)
        NAME(too_big)
        NAME(out_of_range)
        NAME(overflow)
        NAME(not_found)
        NAME(exists)
        NAME(not_directory)
        NAME(is_directory)
        NAME(not_empty)
        NAME(name_too_long)
        NAME(too_many_links)
        NAME(link_limit)
        NAME(cross_device)
        NAME(read_only)
        NAME(no_space)
        NAME(file_too_large)
        NAME(not_seekable)
        NAME(not_tty)
        NAME(text_busy)
        NAME(no_attribute)
        NAME(bad_descriptor)
        NAME(too_many_open_files)
        NAME(file_table_full)
        NAME(cannot_be_mapped)
        NAME(no_device)
        NAME(io)
        NAME(broken_pipe)
        NAME(would_block)
        NAME(not_connected)
        NAME(not_socket)
        NAME(not_permitted)
        NAME(access_denied)
        NAME(no_process)
        NAME(no_child)
        NAME(try_again)
        NAME(interrupted)
        NAME(restart)
        NAME(timed_out)
        NAME(deadlock)
        NAME(busy)
        NAME(owner_died)
        NAME(not_executable)
        NAME(bad_executable)
        NAME(wrong_architecture)
        NAME(not_supported)
        NAME(no_system_call)
#undef NAME
    }
    return "unknown error";
}

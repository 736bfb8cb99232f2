#include "abi/linux/errors.hpp"

#include <asm/errno.h>

namespace abi::linux {

std::int32_t error_number(Error error) {
    switch (error) {
    case Error::bad_address:
        return EFAULT;
    case Error::invalid_argument:
        return EINVAL;
    case Error::no_memory:
        return ENOMEM;
    case Error::too_big:
        return E2BIG;
    case Error::out_of_range:
        return ERANGE;
    case Error::overflow:
        return EOVERFLOW;
    case Error::not_found:
        return ENOENT;
    case Error::exists:
        return EEXIST;
    case Error::not_directory:
        return ENOTDIR;
    case Error::is_directory:
        return EISDIR;
    case Error::not_empty:
        return ENOTEMPTY;
    case Error::name_too_long:
        return ENAMETOOLONG;
    case Error::too_many_links:
        return ELOOP;
    case Error::link_limit:
        return EMLINK;
    case Error::cross_device:
        return EXDEV;
    case Error::read_only:
        return EROFS;
    case Error::no_space:
        return ENOSPC;
    case Error::file_too_large:
        return EFBIG;
    case Error::not_seekable:
        return ESPIPE;
    case Error::not_tty:
        return ENOTTY;
    case Error::text_busy:
        return ETXTBSY;
    case Error::no_attribute:
        return ENODATA;
    case Error::bad_descriptor:
        return EBADF;
    case Error::too_many_open_files:
        return EMFILE;
    case Error::file_table_full:
        return ENFILE;
    case Error::cannot_be_mapped:
        return ENODEV;
    case Error::no_device:
        return ENXIO;
    case Error::io:
        return EIO;
    case Error::broken_pipe:
        return EPIPE;
    case Error::would_block:
        return EAGAIN;
    case Error::not_connected:
        return ENOTCONN;
    case Error::not_socket:
        return ENOTSOCK;
    case Error::not_permitted:
        return EPERM;
    case Error::access_denied:
        return EACCES;
    case Error::no_process:
        return ESRCH;
    case Error::no_child:
        return ECHILD;
    case Error::try_again:
        return EAGAIN;
    case Error::interrupted:
    case Error::restart: // where a call may not be made again
        return EINTR;
    case Error::timed_out:
        return ETIMEDOUT;
    case Error::deadlock:
        return EDEADLK;
    case Error::busy:
        return EBUSY;
    case Error::owner_died:
        return EOWNERDEAD;
    case Error::not_executable:
    case Error::bad_executable:
    case Error::wrong_architecture:
        return ENOEXEC;
    case Error::not_supported:
        return EOPNOTSUPP;
    case Error::no_system_call:
        return ENOSYS;
    }
    return EINVAL;
}

} // namespace abi::linux

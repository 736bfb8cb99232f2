#include "abi/rtthread/errors.hpp"

namespace abi::rtthread {
namespace {

/// musl's numbers (arch/generic/bits/errno.h), the same on every ISA.
enum Errno : std::int32_t {
    e_perm = 1,
    e_noent = 2,
    e_srch = 3,
    e_intr = 4,
    e_io = 5,
    e_nxio = 6,
    e_2big = 7,
    e_noexec = 8,
    e_badf = 9,
    e_child = 10,
    e_again = 11,
    e_nomem = 12,
    e_acces = 13,
    e_fault = 14,
    e_busy = 16,
    e_exist = 17,
    e_xdev = 18,
    e_nodev = 19,
    e_notdir = 20,
    e_isdir = 21,
    e_inval = 22,
    e_nfile = 23,
    e_mfile = 24,
    e_notty = 25,
    e_txtbsy = 26,
    e_fbig = 27,
    e_nospc = 28,
    e_spipe = 29,
    e_rofs = 30,
    e_mlink = 31,
    e_pipe = 32,
    e_range = 34,
    e_deadlk = 35,
    e_nametoolong = 36,
    e_nosys = 38,
    e_notempty = 39,
    e_loop = 40,
    e_nodata = 61,
    e_overflow = 75,
    e_notsock = 88,
    e_opnotsupp = 95,
    e_notconn = 107,
    e_timedout = 110,
    e_ownerdead = 130,
};

/// RT_E* of 5.0.x (rtdef.h of that version).
constexpr std::int32_t rt_error = 1, rt_etimeout = 2, rt_efull = 3, rt_enomem = 5, rt_enosys = 6, rt_ebusy = 7,
                       rt_eio = 8, rt_eintr = 9, rt_einval = 10, rt_enoent = 12;
constexpr std::int32_t newest_rt_error = 255;

} // namespace

std::int32_t error_number(Error error) {
    switch (error) {
    case Error::bad_address:
        return e_fault;
    case Error::invalid_argument:
        return e_inval;
    case Error::no_memory:
        return e_nomem;
    case Error::too_big:
        return e_2big;
    case Error::out_of_range:
        return e_range;
    case Error::overflow:
        return e_overflow;
    case Error::not_found:
        return e_noent;
    case Error::exists:
        return e_exist;
    case Error::not_directory:
        return e_notdir;
    case Error::is_directory:
        return e_isdir;
    case Error::not_empty:
        return e_notempty;
    case Error::name_too_long:
        return e_nametoolong;
    case Error::too_many_links:
        return e_loop;
    case Error::link_limit:
        return e_mlink;
    case Error::cross_device:
        return e_xdev;
    case Error::read_only:
        return e_rofs;
    case Error::no_space:
        return e_nospc;
    case Error::file_too_large:
        return e_fbig;
    case Error::not_seekable:
        return e_spipe;
    case Error::not_tty:
        return e_notty;
    case Error::text_busy:
        return e_txtbsy;
    case Error::no_attribute:
        return e_nodata;
    case Error::bad_descriptor:
        return e_badf;
    case Error::too_many_open_files:
        return e_mfile;
    case Error::file_table_full:
        return e_nfile;
    case Error::cannot_be_mapped:
        return e_nodev;
    case Error::no_device:
        return e_nxio;
    case Error::io:
        return e_io;
    case Error::broken_pipe:
        return e_pipe;
    case Error::would_block:
    case Error::try_again:
        return e_again;
    case Error::not_connected:
        return e_notconn;
    case Error::not_socket:
        return e_notsock;
    case Error::not_permitted:
        return e_perm;
    case Error::access_denied:
        return e_acces;
    case Error::no_process:
        return e_srch;
    case Error::no_child:
        return e_child;
    case Error::interrupted:
    case Error::restart:
        return e_intr;
    case Error::timed_out:
        return e_timedout;
    case Error::deadlock:
        return e_deadlk;
    case Error::busy:
        return e_busy;
    case Error::owner_died:
        return e_ownerdead;
    case Error::not_executable:
    case Error::bad_executable:
    case Error::wrong_architecture:
        return e_noexec;
    case Error::not_supported:
        return e_opnotsupp;
    case Error::no_system_call:
        return e_nosys;
    }
    return e_inval;
}

std::int32_t object_error(Error error, Generation generation) {
    const bool newest = generation == Generation::newest;
    switch (error) {
    case Error::timed_out:
        return newest ? std::int32_t{e_timedout} : rt_etimeout;
    case Error::no_space:
        return newest ? std::int32_t{e_nospc} : rt_efull;
    case Error::no_memory:
        return newest ? std::int32_t{e_nomem} : rt_enomem;
    case Error::no_system_call:
    case Error::not_supported:
        return newest ? std::int32_t{e_nosys} : rt_enosys;
    case Error::busy:
    case Error::deadlock:
        return newest ? std::int32_t{e_busy} : rt_ebusy;
    case Error::io:
        return newest ? std::int32_t{e_io} : rt_eio;
    case Error::interrupted:
    case Error::restart:
        return newest ? std::int32_t{e_intr} : rt_eintr;
    case Error::invalid_argument:
        return newest ? std::int32_t{e_inval} : rt_einval;
    case Error::not_found:
        return newest ? std::int32_t{e_noent} : rt_enoent;
    case Error::bad_address: // both generations check pointers with errno's number
        return e_fault;
    default:
        return newest ? newest_rt_error : rt_error;
    }
}

} // namespace abi::rtthread

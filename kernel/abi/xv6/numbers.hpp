#pragma once
// xv6's system calls by number (xv6-riscv: kernel/syscall.h). Later versions call number 13 `pause`; it is the same
// call.

namespace abi::xv6 {

enum Number : unsigned {
    number_fork = 1,
    number_exit,
    number_wait,
    number_pipe,
    number_read,
    number_kill,
    number_exec,
    number_fstat,
    number_chdir,
    number_dup,
    number_getpid,
    number_sbrk,
    number_sleep,
    number_uptime,
    number_open,
    number_write,
    number_mknod,
    number_unlink,
    number_link,
    number_mkdir,
    number_close,
    number_end,
};

} // namespace abi::xv6

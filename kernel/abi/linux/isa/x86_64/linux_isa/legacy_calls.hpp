#pragma once
// Calls that x86_64 has besides the generic ones: older forms of them.

#include "abi/linux/calls/legacy_files.hpp"
#include "abi/linux/calls/legacy_process.hpp"
#include "abi/linux/calls/time.hpp"
#include "abi/linux/row.hpp"

#include <linux_isa/arch_prctl.hpp>

namespace abi::linux {

inline constexpr std::array legacy_calls{
    LINUX_CALL(time),       LINUX_CALL(open),     LINUX_CALL(creat),     LINUX_CALL(stat),     LINUX_CALL(lstat),
    LINUX_CALL(access),     LINUX_CALL(mkdir),    LINUX_CALL(rmdir),     LINUX_CALL(mknod),    LINUX_CALL(unlink),
    LINUX_CALL(link),       LINUX_CALL(symlink),  LINUX_CALL(rename),    LINUX_CALL(renameat), LINUX_CALL(readlink),
    LINUX_CALL(chmod),      LINUX_CALL(chown),    LINUX_CALL(lchown),    LINUX_CALL(pipe),     LINUX_CALL(dup2),
    LINUX_CALL(utime),      LINUX_CALL(utimes),   LINUX_CALL(futimesat), LINUX_CALL(eventfd),  LINUX_CALL(epoll_create),
    LINUX_CALL(epoll_wait), LINUX_CALL(getdents), LINUX_CALL(poll),      LINUX_CALL(select),   LINUX_CALL(fork),
    LINUX_CALL(vfork),      LINUX_CALL(getpgrp),  LINUX_CALL(pause),     LINUX_CALL(alarm),    LINUX_CALL(arch_prctl),
};

} // namespace abi::linux

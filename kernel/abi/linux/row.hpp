#pragma once
// A row of the Linux table: LINUX_CALL(read) takes the number from the UAPI header of the ISA and the types from
// sys_read's signature.

#include "abi/linux/convention.hpp"
#include "abi/table.hpp"

#include <asm/unistd.h>

#define LINUX_CALL(name) ::abi::call<::abi::linux::Convention, ::abi::linux::sys_##name>(__NR_##name, #name)

/// The same for a call of which a part is missing; `note` says which.
#define LINUX_PARTIAL(name, note)                                                                                      \
    ::abi::call<::abi::linux::Convention, ::abi::linux::sys_##name>(__NR_##name, #name, ::abi::Support::partial, note)

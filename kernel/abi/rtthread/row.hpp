#pragma once
// A row of the table: RTTHREAD_CALL(2, read) takes the types from sys_read's signature. Numbers as in the newest
// lwp_syscall.c; they have only ever been appended to.

#include "abi/rtthread/convention.hpp"
#include "abi/table.hpp"

#define RTTHREAD_CALL(number, name) ::abi::call<::abi::rtthread::Convention, ::abi::rtthread::sys_##name>(number, #name)
/// A part is missing; `note` says which.
#define RTTHREAD_PARTIAL(number, name, note)                                                                           \
    ::abi::call<::abi::rtthread::Convention, ::abi::rtthread::sys_##name>(number, #name, ::abi::Support::partial, note)
/// A call on an object: its errors are RT_E*.
#define RTTHREAD_OBJECT_CALL(number, name)                                                                             \
    ::abi::call<::abi::rtthread::ObjectConvention, ::abi::rtthread::sys_##name>(number, #name)
#define RTTHREAD_OBJECT_PARTIAL(number, name, note)                                                                    \
    ::abi::call<::abi::rtthread::ObjectConvention, ::abi::rtthread::sys_##name>(                                       \
        number, #name, ::abi::Support::partial, note)

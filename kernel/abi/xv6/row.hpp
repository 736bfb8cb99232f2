#pragma once
// A row of xv6's table: XV6_CALL(read) takes the number from numbers.hpp and the types from sys_read's signature.

#include "abi/table.hpp"
#include "abi/xv6/convention.hpp"
#include "abi/xv6/numbers.hpp"

#define XV6_CALL(name) ::abi::call<::abi::xv6::Convention, ::abi::xv6::sys_##name>(::abi::xv6::number_##name, #name)

#pragma once
// What Untyped_Retype can make. seL4 manual 2.4 and libsel4 objecttype.h.

#include "abi/sel4/message.hpp"

#include <sel4_isa/abi.hpp>

namespace abi::sel4 {

enum class ObjectType : Word { untyped, tcb, endpoint, notification, cap_table, first_of_isa };

inline constexpr unsigned endpoint_bits = 4, notification_bits = 5, page_bits = 12, asid_pool_bits = 12;

} // namespace abi::sel4

#pragma once
// Signals as something to read: signalfd(2).

#include "abi/linux/row.hpp"

namespace abi::linux {

Result<Descriptor> sys_signalfd4(Descriptor descriptor, UserAddr mask, std::uint64_t mask_bytes, Flags flags);

inline constexpr std::array signal_file_calls{LINUX_CALL(signalfd4)};

} // namespace abi::linux

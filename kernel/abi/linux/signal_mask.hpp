#pragma once
// The signal mask argument of ppoll, pselect6 and epoll_pwait.

#include "process/send.hpp"

#include "memory/user_ptr.hpp"

namespace abi::linux {

/// Until the return from this call the thread's mask is the one at `mask`; null: nothing changes. Errors:
/// invalid_argument (a size that is no mask's), bad_address.
inline Result<> use_temporary_mask(thread::Thread& thread, UserAddr mask, std::uint64_t bytes) {
    if (mask.value == 0)
        return {};
    if (bytes != sizeof(std::uint64_t))
        return fail(Error::invalid_argument);
    process::SignalSet set{TRY(memory::UserPtr<const std::uint64_t>(mask).read())};
    process::set_temporary_mask(thread, set);
    return {};
}

} // namespace abi::linux

#pragma once
// User memory touched with a spin lock held.

#include "thread/thread.hpp"

namespace thread {

/// While it lives, the current thread's accesses to user memory fail on a page that is not present, instead of bringing
/// it in (which may sleep).
class NoPaging {
public:
    NoPaging() { current().no_paging = true; }
    ~NoPaging() { current().no_paging = false; }
    NoPaging(const NoPaging&) = delete;
};

} // namespace thread

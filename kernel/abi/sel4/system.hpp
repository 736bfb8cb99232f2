#pragma once
// One seL4 system: a root task and all it makes. Several may run at once; each lives in frames of its own, which all go
// back when it ends.

#include "abi/sel4/lock.hpp"
#include "abi/sel4/object/tcb.hpp"
#include "lib/ref.hpp"
#include "lib/result.hpp"
#include "thread/wait_queue.hpp"

#include <array>

namespace abi::sel4 {

inline constexpr unsigned max_asid_pools = 128; // seL4_NumASIDPoolsBits 7 (x86_64 lets programs have 8)

class System {
public:
    /// A block of frames that is the system's, as untyped memory or boot objects.
    struct Block {
        PhysAddr start;
        unsigned order;
    };
    static constexpr unsigned max_blocks = 96;

    std::array<Block, max_blocks> blocks{};
    unsigned block_count = 0;
    Tcb* threads GUARDED_BY(lock) = nullptr; // all TCBs, through system_next
    Tcb* root GUARDED_BY(lock) = nullptr;    // the initial thread
    bool smp = false;                        // labels as with ENABLE_SMP_SUPPORT
    bool debug_calls = false;                // DebugPutChar and its like are answered
    std::uint64_t bytes = 0;                 // of all blocks

    /// ASID pools in use: the pool object by the upper bits of an ASID; null: free.
    std::array<void*, max_asid_pools> asid_pools GUARDED_BY(lock){};

    /// What its end waits for; the keeper's thread sleeps here.
    thread::WaitQueue ended;
    bool has_ended GUARDED_BY(lock) = false;
};

/// Gives `bytes` (a power of two pages) to the system. Errors: no_memory (also: too many blocks).
Result<PhysAddr> allocate_block(System& system, unsigned order);

} // namespace abi::sel4

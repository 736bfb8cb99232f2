#pragma once
// One seL4 system: a root task and all it makes. Several may run at once; each lives in frames of its own, which all go
// back when it ends.

#include "abi/sel4/console.hpp"
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

    /// How far the memory of a large object that is being made is zeroed: Retype goes on there when it was preempted.
    struct Clearing {
        const Slot* slot = nullptr; // of the untyped memory
        Capability cap;
        PhysAddr start;
        std::uint64_t done = 0; // bytes
    };
    Clearing clearing GUARDED_BY(lock);

    /// What the system's process waits for: text to write, the end. Leaf; inside `lock`.
    Spinlock event_lock;
    thread::WaitQueue event; // condition's lock: event_lock
    Console console GUARDED_BY(event_lock);
    bool has_ended GUARDED_BY(event_lock) = false;
};

/// 2^order frames for the system, contents undefined. Errors: no_memory (also: too many blocks).
Result<PhysAddr> allocate_block(System& system, unsigned order);
/// DebugPutChar. The caller lets the system's process run when much is waiting.
void print(System& system, char character) REQUIRES(lock) EXCLUDES(system.event_lock);
/// Asks the system's process to end it.
void end_system(System& system) EXCLUDES(system.event_lock);
/// Stops all threads and gives all memory back, the System itself too. From its process; interrupts on.
void destroy_system(System* system) EXCLUDES(lock);

} // namespace abi::sel4

#pragma once
// An address space: the mappings of one process (or of several that share it), their page tables, copy on write.

#include "lib/ref.hpp"
#include "lib/page_rights.hpp"
#include "memory/memory_object.hpp"
#include "thread/mutex.hpp"

#include <arch/page_table.hpp>
#include <boost/intrusive/set.hpp>

namespace memory {

/// How a process sees its memory. direct: the kernel is mapped, privileged. trampoline: only the entry code and frames are.
enum class EntryMode : std::uint8_t { direct, trampoline };

/// Where a personality lets mappings live.
struct Layout {
    std::uintptr_t lowest = 0x10000;          // no mapping below, so that null pointers fault
    std::uintptr_t highest = arch::user_top;  // and none from here on
    bool search_down = true;                  // unplaced mappings go below `search_start`, downwards; else above it, upwards
    std::uintptr_t search_start = arch::user_top;
};

struct Mapping {
    std::uintptr_t start = 0, end = 0;        // page aligned, [start, end)
    PageRights rights{};
    bool shared = false;                      // writes are seen by all who map the object
    bool grows_down = false;                  // a stack: a fault just below extends it
    bool name_is_stack = false, name_is_heap = false; // for /proc/PID/maps
    Ref<MemoryObject> object;                 // null: anonymous
    std::uint64_t offset = 0;                 // of start in the object, bytes, page aligned
    boost::intrusive::set_member_hook<> hook;
};

enum class Placement : std::uint8_t {
    anywhere,      // hint only
    fixed,         // here; what was there goes away
    fixed_free,    // here; Error::exists when something is there
};

struct MapRequest {
    std::uintptr_t address = 0;               // page aligned unless `anywhere`
    std::size_t bytes = 0;                    // > 0; rounded up to pages
    PageRights rights{};
    Placement placement = Placement::anywhere;
    bool shared = false;
    bool grows_down = false;
    bool populate = false;                    // fault all pages in now
    Ref<MemoryObject> object;
    std::uint64_t offset = 0;
};

enum class Access : std::uint8_t { read, write, execute };

class AddressSpace : public RefCounted<AddressSpace> {
public:
    /// Errors: no_memory.
    static Result<Ref<AddressSpace>> create(EntryMode mode, const Layout& layout);
    ~AddressSpace();

    /// Returns the start. Errors: invalid_argument, no_memory (also: no gap, or over the limit), exists.
    Result<std::uintptr_t> map(const MapRequest& request) EXCLUDES(lock_);
    /// Errors: invalid_argument (unaligned, outside), no_memory (a split needs a mapping).
    Result<> unmap(std::uintptr_t start, std::size_t bytes) EXCLUDES(lock_);
    /// Errors: as above; no_memory also when part of the range is not mapped (as POSIX has it); access_denied.
    Result<> protect(std::uintptr_t start, std::size_t bytes, PageRights rights) EXCLUDES(lock_);
    /// Grows, shrinks or moves (may_move; or to `fixed_target` when non-zero). Returns the new start. Errors: bad_address, no_memory, invalid_argument.
    Result<std::uintptr_t> remap(std::uintptr_t start, std::size_t old_bytes, std::size_t new_bytes, bool may_move, std::uintptr_t fixed_target)
        EXCLUDES(lock_);
    /// Gives private anonymous pages of the range back; they read as zero afterwards.
    Result<> discard(std::uintptr_t start, std::size_t bytes) EXCLUDES(lock_);

    /// The program break. set_break with an impossible value changes nothing; both return the break now in force.
    void initialise_break(std::uintptr_t start) EXCLUDES(lock_);
    std::uintptr_t set_break(std::uintptr_t wanted) EXCLUDES(lock_);

    /// Resolves a page fault: demand zero, file page, copy on write, stack growth. May sleep; interrupts on, no spin lock held.
    /// Errors: bad_address (no mapping), access_denied (mapping without the right), out_of_range (behind the end of a file), no_memory.
    Result<> handle_fault(std::uintptr_t address, Access access) EXCLUDES(lock_);

    /// A copy that shares all private pages until somebody writes. Errors: no_memory.
    Result<Ref<AddressSpace>> fork() EXCLUDES(lock_);
    /// Drops every mapping (exec into the same space never happens; used at exit of the last thread).
    void clear() EXCLUDES(lock_);

    /// Reads or writes another process's memory (/proc/PID/mem, argv of ps, ptrace). Errors: bad_address.
    Result<> read_foreign(std::uintptr_t from, std::span<std::byte> to) EXCLUDES(lock_);
    /// Writes into a space that need not be the current one, read-only mappings of private memory too (exec's stack and bss, ptrace); pages
    /// are made private first. Errors: bad_address, no_memory.
    Result<> write_foreign(std::uintptr_t to, std::span<const std::byte> from) EXCLUDES(lock_);

    /// Trampoline mode: gives a thread its frame page and slot; direct mode: nothing to do. Fills frame's vector fields through arch::bind_frame.
    Result<> attach_thread(thread::Thread& thread) EXCLUDES(lock_);
    void detach_thread(thread::Thread& thread) EXCLUDES(lock_);

    const arch::Translation& translation() const { return translation_; }
    EntryMode mode() const { return mode_; }
    Layout& layout() { return layout_; }

    struct Usage {
        std::uint64_t virtual_pages, resident_pages, shared_pages, stack_pages, heap_pages, code_pages;
    };
    Usage usage() const EXCLUDES(lock_);
    std::uint64_t limit_pages = ~std::uint64_t{0};   // RLIMIT_AS, or a personality's own limit
    std::uint64_t stack_limit = 8u << 20;            // bytes a grows_down mapping may reach

    /// Calls visit(const Mapping&) for each mapping in order.
    template <typename Visit>
    void for_each_mapping(Visit visit) const EXCLUDES(lock_);

private:
    // the owner of memory/ fills this in
    mutable thread::Mutex lock_;
    arch::Translation translation_{};
    EntryMode mode_;
    Layout layout_;
};

/// Makes the user half of `next` active on this CPU (null: none, the kernel's own half only). Assigns its ASID, keeps the set of CPUs where
/// it is active and thread::Cpu::address_space. Interrupts off.
void switch_address_space(AddressSpace* next);

} // namespace memory

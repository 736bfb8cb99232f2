#pragma once
// An address space: the mappings of one process (or of several that share it), their page tables, copy on write.
// What lives where: address_space.cpp map/unmap/protect, fault.cpp, fork.cpp, remap.cpp, activation.cpp (making,
// ending, switching), trampoline.cpp (isolated threads), shootdown.cpp (what leaves the TLBs before it is freed).

#include "lib/ref.hpp"
#include "memory/mapping.hpp"
#include "memory/page_table.hpp"
#include "thread/cpu.hpp"
#include "thread/mutex.hpp"

#include <arch/page_table.hpp>
#include <array>
#include <atomic>

namespace memory {

/// How a process sees its memory. direct: the kernel is mapped, privileged. trampoline: only the entry code and frames
/// are.
enum class EntryMode : std::uint8_t { direct, trampoline };

/// Where a personality lets mappings live.
struct Layout {
    std::uintptr_t lowest = 0x10000;         // no mapping below, so that null pointers fault
    std::uintptr_t highest = arch::user_top; // and none from here on
    bool search_down = true; // unplaced mappings go below `search_start`, downwards; else above it, upwards
    std::uintptr_t search_start = arch::user_top;
};

enum class Placement : std::uint8_t {
    anywhere,   // hint only
    fixed,      // here; what was there goes away
    fixed_free, // here; Error::exists when something is there
};

struct MapRequest {
    std::uintptr_t address = 0; // page aligned unless `anywhere`
    std::size_t bytes = 0;      // > 0; rounded up to pages
    PageRights rights{};
    Placement placement = Placement::anywhere;
    bool shared = false;
    bool may_write = true; // false: protect() may never add the write right
    bool grows_down = false;
    bool name_is_stack = false, name_is_heap = false;
    bool populate = false;   // fault all pages in now
    bool no_reserve = false; // may be larger than all RAM
    Ref<MemoryObject> object{};
    std::uint64_t offset = 0;
};

enum class Access : std::uint8_t { read, write, execute };

class AddressSpace : public RefCounted<AddressSpace> {
public:
    static constexpr std::size_t max_mappings = 65530;
    static constexpr unsigned max_isolated_threads = 1024;

    /// Errors: no_memory.
    static Result<Ref<AddressSpace>> create(EntryMode mode, const Layout& layout);
    /// Interrupts on, no lock held, active on no other CPU.
    ~AddressSpace();

    /// Returns the start. Errors: invalid_argument, no_memory (also: no gap, or over the limit), exists.
    Result<std::uintptr_t> map(const MapRequest& request) EXCLUDES(lock_);
    /// Errors: invalid_argument (unaligned, outside), no_memory (a split needs a mapping).
    Result<> unmap(std::uintptr_t start, std::size_t bytes) EXCLUDES(lock_);
    /// Errors: as above; no_memory also when part of the range is not mapped (as POSIX has it); access_denied.
    Result<> protect(std::uintptr_t start, std::size_t bytes, PageRights rights) EXCLUDES(lock_);
    /// Grows, shrinks or moves (may_move; or to `fixed_target` when non-zero). old_bytes 0: a second view of a shared
    /// mapping. Returns the new start. Errors: bad_address, no_memory, invalid_argument.
    Result<std::uintptr_t> remap(
        std::uintptr_t start, std::size_t old_bytes, std::size_t new_bytes, bool may_move, std::uintptr_t fixed_target,
        bool keep_source = false) EXCLUDES(lock_);
    /// Gives the pages of the range back: private anonymous ones read as zero afterwards, others as their object has
    /// them. Errors: invalid_argument; no_memory when part of the range is not mapped (the rest was done).
    Result<> discard(std::uintptr_t start, std::size_t bytes) EXCLUDES(lock_);
    /// Faults all pages of the range in (for writing where the mapping is private and writable). Errors: no_memory
    /// (also: a hole).
    Result<> populate(std::uintptr_t start, std::size_t bytes) EXCLUDES(lock_);
    /// The same for all there is, as far as memory reaches.
    void populate_all() EXCLUDES(lock_);
    /// What fork does with the mappings in the range. Errors: as protect.
    Result<> set_inheritance(std::uintptr_t start, std::size_t bytes, Inheritance inheritance) EXCLUDES(lock_);
    /// Takes pages [first, last) of an object out of all its mappings here. For MemoryObject::forget_pages.
    void drop_object_pages(const MemoryObject& object, std::uint64_t first, std::uint64_t last, bool copies_too)
        EXCLUDES(lock_);
    /// One byte per page into `present`: 1 when a fault-free access is possible. Errors: no_memory (hole).
    Result<> residency(std::uintptr_t start, std::span<std::uint8_t> present) EXCLUDES(lock_);
    /// Succeeds when every page of the range belongs to a mapping. Errors: no_memory.
    Result<> require_mapped(std::uintptr_t start, std::size_t bytes) EXCLUDES(lock_);

    /// MemoryObject::sync() of all that is mapped shared in the range. Errors: no_memory when part of the range is not
    /// mapped (the rest was done), io.
    Result<> sync(std::uintptr_t start, std::size_t bytes) EXCLUDES(lock_);

    /// The program break, which may not go below `lowest`. set_break with an impossible value changes nothing and
    /// returns the break now in force. What a break that goes down leaves behind is unmapped, whatever it was.
    void initialise_break(std::uintptr_t lowest, std::uintptr_t start) EXCLUDES(lock_);
    void initialise_break(std::uintptr_t start) EXCLUDES(lock_) { initialise_break(start, start); }
    std::uintptr_t set_break(std::uintptr_t wanted) EXCLUDES(lock_);

    /// Resolves a page fault: demand zero, file page, copy on write, stack growth. May sleep; interrupts on, no spin
    /// lock held. Errors: bad_address (no mapping), access_denied (mapping without the right), out_of_range (behind the
    /// end of a file), no_memory, io.
    Result<> handle_fault(std::uintptr_t address, Access access) EXCLUDES(lock_);

    /// A copy that shares all private pages until somebody writes. Errors: no_memory.
    Result<Ref<AddressSpace>> fork() EXCLUDES(lock_);
    /// Drops every mapping (exec into the same space never happens; used at exit of the last thread).
    void clear() EXCLUDES(lock_);

    /// Reads another process's memory (/proc/PID/mem, argv of ps, ptrace). Errors: bad_address.
    Result<> read_foreign(std::uintptr_t from, std::span<std::byte> to) EXCLUDES(lock_);
    /// Writes it where the mapping is writable: a program's initial stack, before it is active anywhere. Errors:
    /// bad_address, no_memory.
    Result<> write_foreign(std::uintptr_t to, std::span<const std::byte> from) EXCLUDES(lock_);

    /// Trampoline mode: gives a thread its frame page and slot, and copies own_frame there; direct mode: the frame is
    /// own_frame. Fills the frame's vector fields through arch::bind_frame. The thread's kernel_stack is set. Errors:
    /// no_memory, try_again (no slot).
    Result<> attach_thread(thread::Thread& thread) EXCLUDES(lock_);
    /// The thread runs no more in user mode. Its frame is own_frame again, with the contents.
    void detach_thread(thread::Thread& thread) EXCLUDES(lock_);

    /// What tells this place in memory from others, for futexes between processes: the object and offset behind a
    /// shared mapping, this address space and the address behind a private one. The object lives as long as the
    /// mapping. Errors: bad_address.
    struct SharedPlace {
        const void* object;
        std::uint64_t offset;
    };
    Result<SharedPlace> shared_place(std::uintptr_t address) EXCLUDES(lock_);

    const arch::Translation& translation() const { return translation_; }
    EntryMode mode() const { return mode_; }
    Layout& layout() { return layout_; }

    struct Usage {
        std::uint64_t virtual_pages = 0, resident_pages = 0, shared_pages = 0, stack_pages = 0, heap_pages = 0,
                      code_pages = 0;
    };
    Usage usage() const EXCLUDES(lock_);
    /// The most pages that were ever resident; page faults resolved so far (all without a disk). Read without the lock.
    std::uint64_t peak_resident_pages() const { return peak_resident_; }
    std::uint64_t fault_count() const { return faults_; }

    std::uint64_t limit_pages = ~std::uint64_t{0}; // RLIMIT_AS, or a personality's own limit
    std::uint64_t stack_limit = 8u << 20;          // bytes a grows_down mapping may reach
    std::uint64_t break_limit = ~std::uint64_t{0}; // bytes between the break's lowest place and its end (RLIMIT_DATA)

    /// Bits that a personality keeps per address space; fork hands them on.
    std::atomic<std::uint32_t> personality_bits{0};

    /// Calls visit(const Mapping&) for each mapping in order. visit must not touch user memory or this address space.
    template <typename Visit>
    void for_each_mapping(Visit visit) const EXCLUDES(lock_) {
        thread::MutexGuard guard(lock_);
        for (const Mapping& mapping : mappings_)
            visit(mapping);
    }

private:
    class Shootdown;
    friend void switch_address_space(AddressSpace* next);

    AddressSpace(EntryMode mode, const Layout& layout) : mode_(mode), layout_(layout) {}
    Result<> create_roots();
    Result<> create_isolated_root();
    void destroy_isolated_root() NO_THREAD_SAFETY_ANALYSIS; // when nobody else knows the space any more

    // The set of mappings
    Mapping* first_ending_after(std::uintptr_t address) REQUIRES(lock_);
    Mapping* mapping_at(std::uintptr_t address) REQUIRES(lock_);
    Mapping* next(Mapping& mapping) REQUIRES(lock_);
    Mapping* previous(Mapping& mapping) REQUIRES(lock_);
    Result<Mapping*> split(Mapping& mapping, std::uintptr_t at) REQUIRES(lock_);
    Result<Mapping*> split_at_borders(std::uintptr_t start, std::uintptr_t end) REQUIRES(lock_);
    void insert(Mapping& mapping) REQUIRES(lock_);
    void erase(Mapping& mapping) REQUIRES(lock_);
    Mapping& merge_with_neighbours(Mapping& mapping) REQUIRES(lock_);
    void merge_range(std::uintptr_t start, std::uintptr_t end) REQUIRES(lock_);
    Ref<MemoryObject> next_shared_object(std::uintptr_t& at, std::uintptr_t end) EXCLUDES(lock_);
    bool is_free(std::uintptr_t start, std::uintptr_t end) REQUIRES(lock_);
    bool is_fully_mapped(std::uintptr_t start, std::uintptr_t end) REQUIRES(lock_);
    Result<std::uintptr_t> find_gap(std::size_t bytes) REQUIRES(lock_);
    Result<std::uintptr_t> place(const MapRequest& request, std::size_t bytes) REQUIRES(lock_);
    Result<std::uintptr_t> end_of(std::uintptr_t start, std::size_t bytes) const;
    void resize(Mapping& mapping, std::uintptr_t start, std::uintptr_t end) REQUIRES(lock_);
    std::uint64_t pages_mapped_in(std::uintptr_t start, std::uintptr_t end) REQUIRES(lock_);
    Result<> unmap_locked(std::uintptr_t start, std::uintptr_t end) REQUIRES(lock_);
    Result<std::uintptr_t> map_locked(const MapRequest& request, std::size_t bytes) REQUIRES(lock_);
    Result<> populate_locked(std::uintptr_t start, std::uintptr_t end) REQUIRES(lock_);

    // Page tables
    void drop_pages(const Mapping& mapping, std::uintptr_t start, std::uintptr_t end, Shootdown& shootdown)
        REQUIRES(lock_);
    void rewrite_rights(const Mapping& mapping, std::uintptr_t start, std::uintptr_t end) REQUIRES(lock_);
    void move_pages(std::uintptr_t from, std::uintptr_t to, std::size_t bytes) REQUIRES(lock_);
    Result<> prepare_tables(std::uintptr_t from, std::uintptr_t to, std::size_t bytes) REQUIRES(lock_);
    void flush_page(std::uintptr_t address);
    void flush_all();

    // Faults
    Result<> resolve(Mapping& mapping, std::uintptr_t page, Access access) REQUIRES(lock_);
    Result<> fill(Mapping& mapping, std::uintptr_t page, PageTable::Slot slot, Access access) REQUIRES(lock_);
    Result<> make_writable(Mapping& mapping, std::uintptr_t page, PageTable::Slot slot) REQUIRES(lock_);
    void fill_around(Mapping& mapping, std::uintptr_t page) REQUIRES(lock_);
    void install(const Mapping& mapping, PageTable::Slot slot, PhysAddr frame, bool writable) REQUIRES(lock_);
    Mapping* grow_stack(std::uintptr_t address) REQUIRES(lock_);
    Result<PhysAddr> frame_for(std::uintptr_t address, Access access) REQUIRES(lock_);

    // Fork
    Result<> copy_mapping(const Mapping& mapping, AddressSpace& child) REQUIRES(lock_, child.lock_);
    Result<> copy_pages(const Mapping& mapping, AddressSpace& child) REQUIRES(lock_, child.lock_);

    // Remap
    bool grow_in_place(Mapping& mapping, std::uintptr_t old_end, std::uintptr_t new_end) REQUIRES(lock_);
    Result<std::uintptr_t> move(
        Mapping& mapping, std::uintptr_t start, std::size_t old_bytes, std::size_t new_bytes, std::uintptr_t target,
        bool keep_source) REQUIRES(lock_);

    mutable thread::Mutex lock_;
    MappingSet mappings_ GUARDED_BY(lock_);
    Mapping* last_fault_ GUARDED_BY(lock_) = nullptr; // where the last fault was: the next is often there too
    std::uint64_t mapping_count_ GUARDED_BY(lock_) = 0;
    std::uint64_t virtual_pages_ GUARDED_BY(lock_) = 0;
    std::uint64_t resident_ GUARDED_BY(lock_) = 0;
    std::uint64_t peak_resident_ = 0; // written under lock_
    std::uint64_t faults_ = 0;        // written under lock_
    std::uintptr_t break_start_ GUARDED_BY(lock_) = 0;
    std::uintptr_t break_ GUARDED_BY(lock_) = 0;
    PageTable table_;          // the user half; entries guarded by lock_
    PageTable isolated_table_; // trampoline mode: the root that user mode runs on
    std::array<std::uint64_t, max_isolated_threads / 64> slots_ GUARDED_BY(lock_){}; // frame pages in use

    std::atomic<std::uint32_t> cpus_{0}; // CPUs whose TLB may hold something of this space
    arch::Translation translation_{};    // set once, by create()
    EntryMode mode_;
    Layout layout_;
};

/// Makes the user half of `next` active on this CPU (null: none, the kernel's own half only). Keeps the set of CPUs
/// where it is active and thread::Cpu::address_space. Interrupts off.
void switch_address_space(AddressSpace* next);

} // namespace memory

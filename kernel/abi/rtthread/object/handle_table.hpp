#pragma once
// The objects of a process by handle. A handle looks like the kernel pointer that the original hands out, but is a
// place in this table and the count of objects that were there before: what was never given out, or is stale, is an
// error.

#include "abi/rtthread/object/object.hpp"
#include "lib/spinlock.hpp"

namespace abi::rtthread {

class HandleTable {
public:
    static constexpr std::uint32_t max_objects = 1u << 21;

    HandleTable() = default;
    HandleTable(const HandleTable&) = delete;
    ~HandleTable();

    /// Returns the handle. Errors: no_memory.
    Result<std::uint64_t> add(Ref<Object> object) EXCLUDES(lock_);
    /// Errors: invalid_argument (no handle, stale, or of another kind).
    template <typename T>
    Result<Ref<T>> find(std::uint64_t handle) EXCLUDES(lock_) {
        Object* object = share(handle, T::object_kind);
        if (!object) [[unlikely]]
            return fail(Error::invalid_argument);
        return Ref<T>::adopt(static_cast<T*>(object));
    }
    /// The handle is stale from now on. Errors: as find().
    Result<Ref<Object>> remove(std::uint64_t handle, Object::Kind kind) EXCLUDES(lock_);
    /// The first object of that kind and name; 0: none.
    std::uint64_t find_name(Object::Kind kind, std::string_view name) EXCLUDES(lock_);
    /// Fork: this empty table gets the same handles, which lead to the same objects; threads are left out. Errors:
    /// no_memory.
    Result<> copy_from(HandleTable& other) EXCLUDES(lock_);

private:
    struct Slot {
        std::uint64_t handle = 0;     // 0: free
        Object* object = nullptr;     // owns a reference
        std::uint32_t generation = 0; // objects that were here before
        std::uint32_t next_free = 0;
    };
    static constexpr std::uint32_t none = ~0u, first_chunk = 64, slots_at_once = 32;
    static constexpr unsigned index_shift = 3, index_bits = 21, generation_bits = 24, chunk_count = 15;
    static_assert(first_chunk * ((1u << chunk_count) - 1) <= max_objects);

    Object* share(std::uint64_t handle, Object::Kind kind) EXCLUDES(lock_);
    /// The slot at `index`, which is below used_.
    Slot& slot_at(std::uint64_t index) REQUIRES(lock_);
    Slot* slot_of(std::uint64_t handle, Object::Kind kind) REQUIRES(lock_);
    Result<> grow() EXCLUDES(lock_);
    std::uint32_t capacity() const REQUIRES(lock_) { return first_chunk * ((1u << chunks_used_) - 1); }

    // Each chunk is twice as large as the one before, and none ever moves: the lock, with interrupts off, is held for a
    // bounded number of slots.
    Spinlock lock_;
    std::array<Slot*, chunk_count> chunks_ GUARDED_BY(lock_){};
    unsigned chunks_used_ GUARDED_BY(lock_) = 0;
    std::uint32_t used_ GUARDED_BY(lock_) = 0; // slots that ever had an object
    std::uint32_t first_free_ GUARDED_BY(lock_) = none;
};

} // namespace abi::rtthread

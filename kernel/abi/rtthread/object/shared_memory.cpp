#include "abi/rtthread/object/shared_memory.hpp"

#include "memory/address_space.hpp"

#include <array>
#include <bit>

namespace abi::rtthread {
namespace {

struct Segment {
    Ref<memory::MemoryObject> object; // null: free. The table holds one reference, each mapping one
    std::uint64_t key = 0;
    std::uint64_t bytes = 0;
    const ProcessState* owner = nullptr; // null: ended

    bool is_mapped() const { return object->reference_count() > 1; }
};

constinit Spinlock segments_lock;
constinit std::array<Segment, shared_memory_count> segments GUARDED_BY(segments_lock){};

constexpr std::uint64_t max_bytes = std::uint64_t{1} << 32;

/// Gives back what ended processes have left and nobody maps. The objects are freed by the caller, without the lock.
void collect(std::array<Ref<memory::MemoryObject>, shared_memory_count>& gone) REQUIRES(segments_lock) {
    for (std::size_t i = 0; i < segments.size(); ++i)
        if (segments[i].object && !segments[i].owner && !segments[i].is_mapped())
            std::swap(gone[i], segments[i].object);
}

Result<std::int32_t> find(std::uint64_t key, std::uint64_t bytes) REQUIRES(segments_lock) {
    for (std::size_t i = 0; i < segments.size(); ++i)
        if (segments[i].object && segments[i].key == key)
            return segments[i].bytes >= bytes ? Result<std::int32_t>(static_cast<std::int32_t>(i))
                                              : fail(Error::out_of_range);
    return fail(Error::not_found);
}

Result<Segment*> at(std::int32_t number) REQUIRES(segments_lock) {
    if (number < 0 || static_cast<std::size_t>(number) >= segments.size()
        || !segments[static_cast<std::size_t>(number)].object)
        return fail(Error::invalid_argument);
    return &segments[static_cast<std::size_t>(number)];
}

} // namespace

Result<std::int32_t> get_shared_memory(std::uint64_t key, std::uint64_t bytes, bool create, const ProcessState* owner) {
    if (bytes == 0 || bytes > max_bytes)
        return fail(Error::invalid_argument);
    Ref<memory::MemoryObject> fresh;
    const std::uint64_t size = std::bit_ceil(align_up(bytes, page_size));
    if (create)
        fresh = TRY(memory::create_shared_memory(size));
    std::array<Ref<memory::MemoryObject>, shared_memory_count> gone;
    SpinlockGuard guard(segments_lock);
    collect(gone);
    if (const auto found = find(key, bytes); found || found.error() != Error::not_found || !create)
        return found;
    for (std::size_t i = 0; i < segments.size(); ++i)
        if (!segments[i].object) {
            segments[i].object = std::move(fresh);
            segments[i].key = key;
            segments[i].bytes = size;
            segments[i].owner = owner;
            return static_cast<std::int32_t>(i);
        }
    return fail(Error::no_space);
}

Result<> remove_shared_memory(std::int32_t number) {
    Ref<memory::MemoryObject> gone;
    SpinlockGuard guard(segments_lock);
    Segment& segment = *TRY(at(number));
    if (!segment.is_mapped())
        std::swap(gone, segment.object);
    return {};
}

Result<std::uintptr_t> attach_shared_memory(memory::AddressSpace& space, std::int32_t number, std::uintptr_t address) {
    memory::MapRequest request{
        .address = address,
        .rights = {.read = true, .write = true, .user = true},
        .placement = address == 0 ? memory::Placement::anywhere : memory::Placement::fixed_free,
        .shared = true,
    };
    if (address % page_size != 0)
        return fail(Error::invalid_argument);
    {
        SpinlockGuard guard(segments_lock);
        const Segment& segment = *TRY(at(number));
        request.object = segment.object;
        request.bytes = segment.bytes;
    }
    return space.map(request);
}

Result<> detach_shared_memory(memory::AddressSpace& space, std::uintptr_t address) {
    const memory::MemoryObject* object = nullptr;
    std::size_t bytes = 0;
    space.for_each_mapping([&](const memory::Mapping& mapping) {
        if (mapping.start == address && mapping.shared) {
            object = mapping.object.get();
            bytes = mapping.end - mapping.start;
        }
    });
    bool known = false;
    {
        SpinlockGuard guard(segments_lock);
        for (const Segment& segment : segments)
            known = known || (object && segment.object.get() == object);
    }
    return known ? space.unmap(address, bytes) : fail(Error::invalid_argument);
}

void disown_shared_memory(const ProcessState* owner) {
    std::array<Ref<memory::MemoryObject>, shared_memory_count> gone;
    SpinlockGuard guard(segments_lock);
    for (Segment& segment : segments)
        if (segment.owner == owner)
            segment.owner = nullptr;
    collect(gone);
}

} // namespace abi::rtthread

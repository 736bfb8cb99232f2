#pragma once
// One mapping of an address space, and the ordered set of them.

#include "lib/address.hpp"
#include "lib/page_rights.hpp"
#include "lib/ref.hpp"
#include "memory/memory_object.hpp"

#include <boost/intrusive/set.hpp>
#include <cstdint>

namespace memory {

/// What fork does with a mapping.
enum class Inheritance : std::uint8_t {
    copied,
    left_out,
    zeroed, // the child has it, without the pages
};

struct Mapping {
    std::uintptr_t start = 0, end = 0; // page aligned, [start, end)
    PageRights rights{};
    bool shared = false; // writes are seen by all who map the object
    bool may_write =
        true; // false: protect() refuses the write right (shared mapping of a file that was opened for reading)
    bool grows_down = false;                          // a stack: a fault just below extends it
    bool name_is_stack = false, name_is_heap = false; // for /proc/PID/maps
    Inheritance inheritance = Inheritance::copied;
    Ref<MemoryObject> object{}; // null: anonymous
    std::uint64_t offset = 0;   // of start in the object, bytes, page aligned
    boost::intrusive::set_member_hook<> hook{};
    ObjectView view{}; // among the object's mappings

    std::uint64_t pages() const { return (end - start) >> page_shift; }
    /// The object's page index behind `address`.
    std::uint64_t object_page(std::uintptr_t address) const { return (offset + (address - start)) >> page_shift; }
    /// Frames behind it are counted RAM.
    bool is_ram() const { return !object || object->is_ram(); }
    /// True when the two could be one: neighbours in memory and in the object, and alike in all else.
    bool continues(const Mapping& before) const {
        return before.end == start && before.object == object && before.rights == rights && before.shared == shared
               && before.may_write == may_write && before.grows_down == grows_down
               && before.name_is_stack == name_is_stack && before.name_is_heap == name_is_heap
               && before.inheritance == inheritance
               && (!object || before.offset + (before.end - before.start) == offset);
    }

    struct ByStart {
        using type = std::uintptr_t;
        type operator()(const Mapping& mapping) const { return mapping.start; }
    };
};

/// The part [start, end) of a mapping as a mapping of its own, in no set yet. Null: no memory.
Mapping* clone_part(const Mapping& mapping, std::uintptr_t start, std::uintptr_t end);

/// A mapping that grows down keeps this distance from what is below.
inline constexpr std::uintptr_t stack_guard = 256 * page_size;

using MappingSet = boost::intrusive::set<
    Mapping, boost::intrusive::member_hook<Mapping, boost::intrusive::set_member_hook<>, &Mapping::hook>,
    boost::intrusive::key_of_value<Mapping::ByStart>>;

} // namespace memory

#pragma once
// Pages that mappings can share: a file's contents, shared anonymous memory, device registers.

#include "lib/address.hpp"
#include "lib/ref.hpp"
#include "lib/result.hpp"
#include "lib/spinlock.hpp"

#include <boost/intrusive/list.hpp>
#include <optional>
#include <span>

namespace memory {

class AddressSpace;

/// A mapping's place among those of its object.
struct ObjectView {
    boost::intrusive::list_member_hook<> view_hook{};
    AddressSpace* space = nullptr; // whose mapping it is; null: not among them. All under the object's views_lock
    std::uint64_t visit = 0;
};

/// page() is called with the address space's lock held. So nobody may touch user memory while holding a lock that
/// page() takes.
class MemoryObject : public RefCounted<MemoryObject> {
public:
    virtual ~MemoryObject() = default;

    /// The frame that holds page `index`, with a reference added for the caller. May allocate, read from a disk and
    /// sleep. Errors: out_of_range (behind the end), io, no_memory.
    virtual Result<PhysAddr> page(std::uint64_t index, bool for_write) = 0;
    /// The same only when the frame is there already and to be had at once: a fault maps such neighbours too.
    virtual std::optional<PhysAddr> resident_page(std::uint64_t index) {
        static_cast<void>(index);
        return std::nullopt;
    }
    /// True: page() wants to hear of the first write through a shared mapping (dirty pages). False: shared pages are
    /// writable at once.
    virtual bool tracks_writes() const { return false; }
    /// Returns when what was stored through shared mappings is on the medium, if there is one. No lock held. Errors:
    /// io.
    virtual Result<> sync() { return {}; }
    /// Frames are RAM counted in memory/frame.hpp; false for device registers.
    virtual bool is_ram() const { return true; }

    /// Takes pages [first, last) out of every shared mapping, and with `copies_too` out of private ones, whether copied
    /// or not: a file that was cut. After page() has begun to refuse them or to give others. One call at a time per
    /// object, no lock held that page() takes. May sleep.
    void forget_pages(std::uint64_t first, std::uint64_t last, bool copies_too) EXCLUDES(views_lock_);

    /// For /proc/PID/maps: writes the name (cut at its size), returns its length; and the numbers of the file behind
    /// it.
    virtual std::size_t name(std::span<char> to) const {
        static_cast<void>(to);
        return 0;
    }
    struct Identity {
        std::uint64_t device = 0, inode = 0;
    };
    virtual Identity identity() const { return {}; }

private:
    friend class AddressSpace;
    using Views = boost::intrusive::list<
        ObjectView,
        boost::intrusive::member_hook<ObjectView, boost::intrusive::list_member_hook<>, &ObjectView::view_hook>,
        boost::intrusive::constant_time_size<false>>;
    void add_view(ObjectView& view, AddressSpace& space) EXCLUDES(views_lock_);
    void remove_view(ObjectView& view) EXCLUDES(views_lock_);
    Ref<AddressSpace> next_viewer(std::uint64_t visit) EXCLUDES(views_lock_);

    Spinlock views_lock_; // leaf
    Views views_ GUARDED_BY(views_lock_);
    std::uint64_t visits_ GUARDED_BY(views_lock_) = 0;
};

/// `bytes` of zeroed memory that several address spaces may map. Errors: no_memory.
Result<Ref<MemoryObject>> create_shared_memory(std::uint64_t bytes);

} // namespace memory

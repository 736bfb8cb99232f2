#include "memory/memory_object.hpp"

#include "memory/address_space.hpp"

namespace memory {

void MemoryObject::add_view(ObjectView& view, AddressSpace& space) {
    SpinlockGuard guard(views_lock_);
    view.space = &space;
    view.visit = visits_; // a visit under way need not come here: the mapping is made of what page() allows by now
    views_.push_back(view);
}

void MemoryObject::remove_view(ObjectView& view) {
    SpinlockGuard guard(views_lock_);
    views_.erase(Views::s_iterator_to(view));
    view.space = nullptr;
}

/// An address space with a mapping that this visit has not seen; null when there is none left. Mappings that were seen
/// stand at the end.
Ref<AddressSpace> MemoryObject::next_viewer(std::uint64_t visit) {
    SpinlockGuard guard(views_lock_);
    while (!views_.empty() && views_.front().visit < visit) {
        ObjectView& view = views_.front();
        view.visit = visit;
        views_.splice(views_.end(), views_, views_.begin());
        // A space on its way out drops its pages by itself.
        if (view.space->try_add_reference())
            return Ref<AddressSpace>::adopt(view.space);
    }
    return {};
}

void MemoryObject::forget_pages(std::uint64_t first, std::uint64_t last, bool copies_too) {
    std::uint64_t visit;
    {
        SpinlockGuard guard(views_lock_);
        visit = ++visits_;
    }
    AddressSpace* done = nullptr;
    while (const Ref<AddressSpace> space = next_viewer(visit)) {
        if (space.get() != done) // neighbours in the list are often mappings of one space
            space->drop_object_pages(*this, first, last, copies_too);
        done = space.get();
    }
}

} // namespace memory

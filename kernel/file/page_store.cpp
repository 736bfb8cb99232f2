#include "file/page_store.hpp"

#include "file/ramfs.hpp"
#include "memory/frame.hpp"

namespace file {

PageStore::PageStore(RamFileSystem& budget) : budget_(Ref<RamFileSystem>::share(&budget)) {}

PageStore::~PageStore() {
    drop(0, memory::SparsePages::max_index + 1);
}

PhysAddr PageStore::find(std::uint64_t index) {
    thread::MutexGuard guard(lock_);
    auto frame = pages_.find(index);
    if (!frame)
        return {};
    memory::add_frame_reference(*frame);
    return *frame;
}

Result<PhysAddr> PageStore::get(std::uint64_t index) {
    thread::MutexGuard guard(lock_);
    auto frame = pages_.find(index);
    if (!frame) {
        TRY(budget_->charge(1));
        auto made = pages_.find_or_create(index);
        if (!made) {
            budget_->refund(1);
            return made;
        }
        frame = *made;
    }
    memory::add_frame_reference(*frame);
    return *frame;
}

Result<PhysAddr> PageStore::page(std::uint64_t index, bool) {
    if (index >= (size() + page_size - 1) >> page_shift)
        return fail(Error::out_of_range);
    return get(index);
}

std::optional<PhysAddr> PageStore::resident_page(std::uint64_t index) {
    if (index >= (size() + page_size - 1) >> page_shift)
        return std::nullopt;
    const PhysAddr frame = find(index);
    return frame == PhysAddr{} ? std::nullopt : std::optional(frame);
}

Result<> PageStore::adopt(std::uint64_t index, PhysAddr frame) {
    thread::MutexGuard guard(lock_);
    TRY(budget_->charge(1));
    auto inserted = pages_.insert(index, frame);
    if (!inserted)
        budget_->refund(1);
    return inserted;
}

void PageStore::drop(std::uint64_t first, std::uint64_t last) {
    thread::MutexGuard guard(lock_);
    std::uint64_t before = pages_.size();
    pages_.release(first, last);
    budget_->refund(before - pages_.size());
}

std::uint64_t PageStore::next(std::uint64_t index, std::uint64_t end, bool hole) {
    thread::MutexGuard guard(lock_);
    if (!hole) {
        auto found = pages_.next_present(index);
        return found && *found < end ? *found : end;
    }
    while (index < end && pages_.find(index))
        ++index;
    return index;
}

std::uint64_t PageStore::pages() {
    thread::MutexGuard guard(lock_);
    return pages_.size();
}

} // namespace file

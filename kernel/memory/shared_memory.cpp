// Shared anonymous memory: mmap(MAP_SHARED | MAP_ANONYMOUS) and its like.

#include "memory/frame.hpp"
#include "memory/memory_object.hpp"
#include "memory/sparse_pages.hpp"
#include "thread/mutex.hpp"

#include <new>

namespace memory {
namespace {

class SharedMemory final : public MemoryObject {
public:
    explicit SharedMemory(std::uint64_t pages) : page_count_(pages) {}

    Result<PhysAddr> page(std::uint64_t index, bool) override {
        if (index >= page_count_)
            return fail(Error::out_of_range);
        thread::MutexGuard guard(lock_);
        const PhysAddr frame = TRY(pages_.find_or_create(index));
        add_frame_reference(frame);
        return frame;
    }

    std::optional<PhysAddr> resident_page(std::uint64_t index) override {
        thread::MutexGuard guard(lock_);
        const std::optional<PhysAddr> frame = pages_.find(index);
        if (frame)
            add_frame_reference(*frame);
        return frame;
    }

    std::size_t name(std::span<char> to) const override {
        static constexpr std::string_view text = "/dev/zero (deleted)";
        const std::size_t length = text.size() < to.size() ? text.size() : to.size();
        text.copy(to.data(), length);
        return length;
    }

private:
    thread::Mutex lock_;
    SparsePages pages_ GUARDED_BY(lock_);
    std::uint64_t page_count_;
};

} // namespace

Result<Ref<MemoryObject>> create_shared_memory(std::uint64_t bytes) {
    auto* object = new (std::nothrow) SharedMemory((bytes + page_size - 1) >> page_shift);
    if (!object)
        return fail(Error::no_memory);
    return Ref<MemoryObject>(Ref<SharedMemory>::adopt(object));
}

} // namespace memory

#include "file/xv6fs/regular.hpp"

#include "file/write_back.hpp"
#include "memory/frame_view.hpp"

#include <arch/page_table.hpp>
#include <cstring>
#include <new>

namespace file::xv6fs {

using memory::FrameView;

namespace {

template <typename T>
constexpr T least(T a, T b) {
    return a < b ? a : b;
}

} // namespace

RegularNode::~RegularNode() {
    thread::MutexGuard guard(lock_);
    drop_pages(0);
}

std::uint32_t RegularNode::size() {
    thread::MutexGuard guard(lock_);
    return disk_.size;
}

// Pages

Result<PhysAddr> RegularNode::page(std::uint32_t index) {
    if (std::uint64_t{index} * page_size >= disk_.size)
        return fail(Error::out_of_range);
    if (pages_[index].value == 0) {
        const PhysAddr frame = TRY(memory::allocate_frame());
        if (auto filled = fill(index, arch::phys_to_virt<std::byte>(frame)); !filled) {
            memory::release_frame(frame);
            return fail(filled.error());
        }
        pages_[index] = frame;
    }
    memory::add_frame_reference(pages_[index]);
    return pages_[index];
}

/// All of the page: what has no block, a hole or behind the end, is zeros.
Result<> RegularNode::fill(std::uint32_t index, std::byte* to) {
    const std::uint32_t first = index * blocks_per_page;
    std::uint32_t numbers[blocks_per_page] = {};
    std::uint32_t wanted[blocks_per_page] = {};
    std::uint32_t wanted_count = 0;
    for (std::uint32_t i = 0; i < blocks_per_page && (first + i) * block_bytes < disk_.size; ++i) {
        numbers[i] = TRY(block_at(first + i));
        if (numbers[i] != 0)
            wanted[wanted_count++] = numbers[i];
    }
    volume().cache().read_ahead({wanted, wanted_count});
    for (std::uint32_t i = 0; i < blocks_per_page; ++i, to += block_bytes) {
        std::uint32_t filled = 0;
        if (numbers[i] != 0) {
            const BlockRef block = TRY(volume().cache().read(numbers[i]));
            filled = least(block_bytes, disk_.size - (first + i) * block_bytes);
            std::memcpy(to, block.bytes().data(), filled);
        }
        std::memset(to + filled, 0, block_bytes - filled);
    }
    return {};
}

void RegularNode::zero_rest_of_page(std::uint32_t offset) {
    const std::uint32_t in_page = offset % page_size;
    if (in_page == 0 || pages_[offset / page_size].value == 0)
        return;
    std::memset(arch::phys_to_virt<std::byte>(pages_[offset / page_size]) + in_page, 0, page_size - in_page);
}

void RegularNode::drop_pages(std::uint32_t first) {
    for (std::uint32_t index = first; index < max_pages; ++index) {
        if (pages_[index].value != 0)
            memory::release_frame(std::exchange(pages_[index], PhysAddr{}));
        mapped_dirty_[index] = false;
    }
}

Result<PhysAddr> RegularNode::shared_page(std::uint64_t index, bool for_write) {
    thread::MutexGuard guard(lock_);
    if (index >= max_pages)
        return fail(Error::out_of_range);
    const PhysAddr frame = TRY(page(static_cast<std::uint32_t>(index)));
    if (for_write) {
        mapped_dirty_[index] = true;
        any_dirty_ = true;
        note_unwritten();
    }
    return frame;
}

std::optional<PhysAddr> RegularNode::resident_page(std::uint64_t index) {
    // The caller wants it at once; whoever has the lock may be reading from the disk.
    if (!lock_.try_acquire())
        return std::nullopt;
    std::optional<PhysAddr> found;
    if (index < max_pages && index * page_size < disk_.size && pages_[index].value != 0) {
        found = pages_[index];
        memory::add_frame_reference(*found);
    }
    lock_.release();
    return found;
}

// Reading

Result<std::size_t> RegularNode::read(std::uint64_t offset, Sink& to) {
    std::size_t done = 0;
    while (to.remaining() && !to.faulted() && offset < max_file_bytes) {
        const auto in_page = static_cast<std::size_t>(offset % page_size);
        std::size_t count = 0;
        Result<PhysAddr> frame = fail(Error::out_of_range);
        {
            thread::MutexGuard guard(lock_);
            if (offset < disk_.size) {
                count = least<std::size_t>(page_size - in_page, disk_.size - static_cast<std::uint32_t>(offset));
                frame = page(static_cast<std::uint32_t>(offset / page_size));
            }
        }
        if (count == 0)
            break;
        if (!frame) {
            if (done)
                break;
            return fail(frame.error());
        }
        const FrameView view(*frame);
        const std::size_t moved = to.put(view.data() + in_page, count);
        done += moved;
        offset += moved;
    }
    if (done == 0 && to.faulted())
        return fail(Error::bad_address);
    if (done)
        touch_accessed();
    return done;
}

// Writing

std::uint32_t RegularNode::write_share() const {
    // The data, a map of blocks, the inode.
    return blocks_per_page + 2 + volume().bitmap_share(blocks_per_page + 1);
}

/// Part of one block, on the disk and in the page.
Result<> RegularNode::put_block(
    Operation& operation, std::uint32_t index, std::uint32_t in_block, const std::byte* bytes, std::size_t count) {
    const std::uint32_t number = TRY(make_block(operation, index));
    const bool whole = count == block_bytes;
    const BlockRef block = TRY(whole ? volume().cache().overwrite(number) : volume().cache().read(number));
    if (bytes)
        std::memcpy(block.bytes().data() + in_block, bytes, count);
    else
        std::memset(block.bytes().data() + in_block, 0, count);
    operation.changed(block);
    return {};
}

Result<std::size_t> RegularNode::write_step(std::uint32_t offset, const std::byte* bytes, std::size_t count) {
    Operation operation(volume().log(), write_share());
    TRY(operation.begun());
    TRY(touch(operation));
    thread::MutexGuard guard(lock_);
    if (disk_.type != DiskType::file)
        return fail(Error::io);
    std::size_t done = 0;
    Result<> outcome;
    while (done < count && outcome) {
        const auto at = static_cast<std::uint32_t>(offset + done);
        const std::uint32_t in_block = at % block_bytes;
        const std::size_t part = least<std::size_t>(block_bytes - in_block, count - done);
        outcome = put_block(operation, at / block_bytes, in_block, bytes ? bytes + done : nullptr, part);
        if (outcome)
            done += part;
    }
    if (const PhysAddr frame = pages_[offset / page_size]; frame.value != 0) {
        std::byte* there = arch::phys_to_virt<std::byte>(frame) + offset % page_size;
        if (bytes)
            std::memcpy(there, bytes, done);
        else
            std::memset(there, 0, done);
    }
    if (done && offset + done > disk_.size) {
        disk_.size = static_cast<std::uint32_t>(offset + done);
        zero_rest_of_page(disk_.size); // a mapping may have written behind the end
    }
    store(operation);
    return done ? Result<std::size_t>(done) : fail(outcome.error());
}

/// Grows the file with zeros. The original cannot read holes: every block is there.
Result<> RegularNode::extend(std::uint32_t size) {
    for (std::uint32_t now = this->size(); now < size; now = this->size()) {
        const std::uint32_t page_end = (now / page_size + 1) * static_cast<std::uint32_t>(page_size);
        (void)TRY(write_step(now, nullptr, least(page_end, size) - now));
    }
    return {};
}

Result<std::size_t> RegularNode::write(std::uint64_t& offset, Source& from, bool append) {
    thread::MutexGuard guard(write_lock_);
    if (append)
        offset = size();
    if (from.remaining() == 0)
        return std::size_t{0};
    if (offset >= max_file_bytes)
        return fail(Error::file_too_large);
    from.limit(max_file_bytes - offset);
    // What the program gives is fetched before anything is locked or begun: the fetch may fault and wait for a disk.
    const FrameView buffer(TRY(memory::allocate_frame()));
    std::size_t done = 0;
    Result<> outcome;
    bool extended = false;
    while (from.remaining() && outcome) {
        const auto at = static_cast<std::uint32_t>(offset + done);
        const std::size_t wanted = least<std::size_t>(page_size - at % page_size, from.remaining());
        const std::size_t got = from.take(buffer.data(), wanted);
        if (got == 0) {
            outcome = fail(Error::bad_address);
            break;
        }
        if (!std::exchange(extended, true))
            outcome = extend(at);
        if (!outcome)
            break;
        const auto moved = write_step(at, buffer.data(), got);
        if (!moved) {
            outcome = fail(moved.error());
            break;
        }
        done += *moved;
        if (*moved < wanted)
            break;
    }
    if (done == 0)
        return fail(outcome.error());
    touch_modified();
    return done;
}

Result<> RegularNode::shrink(std::uint32_t size) {
    for (bool all = false; !all;) {
        Operation operation(volume().log(), cut_share());
        TRY(operation.begun());
        TRY(touch(operation));
        thread::MutexGuard guard(lock_);
        all = TRY(cut(operation, size));
        drop_pages((disk_.size + page_size - 1) / page_size);
        zero_rest_of_page(disk_.size);
    }
    if (const Ref<FilePages> object = live_object()) {
        thread::MutexGuard guard(forget_lock_);
        object->forget_pages((size + page_size - 1) / page_size, max_pages, true);
    }
    return {};
}

Result<> RegularNode::truncate(std::uint64_t size) {
    if (size > max_file_bytes)
        return fail(Error::file_too_large);
    thread::MutexGuard guard(write_lock_);
    const auto wanted = static_cast<std::uint32_t>(size);
    if (wanted < this->size())
        TRY(shrink(wanted));
    else
        TRY(extend(wanted));
    touch_modified();
    return {};
}

// Mappings

Ref<FilePages> RegularNode::live_object() {
    thread::MutexGuard guard(lock_);
    return object_ && object_->try_add_reference() ? Ref<FilePages>::adopt(object_) : Ref<FilePages>();
}

Ref<memory::MemoryObject> RegularNode::memory_object() {
    thread::MutexGuard guard(lock_);
    if (object_ && object_->try_add_reference())
        return Ref<memory::MemoryObject>::adopt(object_);
    object_ = new (std::nothrow) FilePages(*this);
    return Ref<memory::MemoryObject>::adopt(object_);
}

FilePages::~FilePages() {
    node_->end_mappings(*this);
}

/// Called with an address space's lock held, perhaps: no mapping may be visited here.
void RegularNode::end_mappings(const FilePages& object) {
    {
        thread::MutexGuard guard(lock_);
        if (object_ != &object)
            return;
        object_ = nullptr;
    }
    (void)write_marked(false); // what fails stays marked, for the next sync()
}

Result<> RegularNode::write_mapped_page(std::uint32_t index) {
    Operation operation(volume().log(), write_share());
    TRY(operation.begun());
    TRY(touch(operation));
    thread::MutexGuard guard(lock_);
    if (pages_[index].value == 0 || disk_.type != DiskType::file)
        return {};
    const std::byte* from = arch::phys_to_virt<std::byte>(pages_[index]);
    Result<> outcome;
    for (std::uint32_t i = 0; i < blocks_per_page && outcome; ++i) {
        const std::uint32_t at = (index * blocks_per_page + i) * block_bytes;
        if (at >= disk_.size)
            break;
        outcome =
            put_block(operation, at / block_bytes, 0, from + i * block_bytes, least(block_bytes, disk_.size - at));
    }
    store(operation);
    if (!outcome)
        mapped_dirty_[index] = any_dirty_ = true;
    return outcome;
}

Result<> RegularNode::write_marked(bool protect) {
    bool dirty[max_pages];
    {
        thread::MutexGuard guard(lock_);
        if (!any_dirty_)
            return {};
        any_dirty_ = false;
        std::memcpy(dirty, mapped_dirty_, sizeof dirty);
        std::memset(mapped_dirty_, 0, sizeof mapped_dirty_);
    }
    // From now on a store through a mapping faults and marks its page again.
    if (const Ref<FilePages> object = protect ? live_object() : Ref<FilePages>()) {
        thread::MutexGuard guard(forget_lock_);
        object->forget_pages(0, max_pages, false);
    }
    Result<> all;
    for (std::uint32_t index = 0; index < max_pages; ++index)
        if (dirty[index])
            if (auto done = write_mapped_page(index); !done)
                all = done;
    return all;
}

} // namespace file::xv6fs

#include "file/ramfs.hpp"

#include "memory/frame_view.hpp"

#include <cstring>
#include <new>

namespace file {

using memory::FrameView;

namespace {

constexpr std::uint64_t tmpfs_magic = 0x01021994; // as statfs(2) lists it

} // namespace

// The file system

Result<Ref<RamFileSystem>> RamFileSystem::create(const char* type_name, Mode root_mode, std::uint64_t page_limit) {
    auto made = Ref<RamFileSystem>::adopt(new (std::nothrow) RamFileSystem(type_name, root_mode, page_limit));
    if (!made)
        return fail(Error::no_memory);
    return made;
}

Result<Ref<Inode>> RamFileSystem::make_root() {
    return RamInode::make(*this, {.type = Type::directory, .mode = root_mode_});
}

FileSystemUsage RamFileSystem::usage() {
    std::uint64_t used = used_.load(std::memory_order_relaxed);
    std::uint64_t inodes = inode_count.load(std::memory_order_relaxed);
    return {
        .kind = tmpfs_magic,
        .blocks = limit_,
        .free_blocks = used < limit_ ? limit_ - used : 0,
        .inodes = limit_ + inodes,
        .free_inodes = limit_};
}

Result<> RamFileSystem::charge(std::uint64_t pages) {
    std::uint64_t used = used_.fetch_add(pages, std::memory_order_relaxed);
    if (used + pages > limit_) {
        refund(pages);
        return fail(Error::no_space);
    }
    return {};
}

// Inodes

RamInode::RamInode(RamFileSystem& file_system, const NewFile& file)
    : Inode(file_system, file.type, file_system.next_number()) {
    Timestamp now = wall_clock();
    SpinlockGuard guard(attribute_lock_);
    attributes_.mode = file.mode & mode_mask;
    attributes_.user = file.user;
    attributes_.group = file.group;
    attributes_.device = file.device;
    attributes_.links = file.type == Type::directory ? 2 : 1;
    attributes_.accessed = attributes_.modified = attributes_.changed = attributes_.created = now;
    file_system.inode_count.fetch_add(1, std::memory_order_relaxed);
}

RamInode::~RamInode() {
    ram().inode_count.fetch_sub(1, std::memory_order_relaxed);
}

RamFileSystem& RamInode::ram() const {
    return static_cast<RamFileSystem&>(file_system());
}

Result<Ref<Inode>> RamInode::make(RamFileSystem& file_system, const NewFile& file) {
    Inode* made = nullptr;
    if (file.type == Type::regular) {
        auto pages = Ref<PageStore>::adopt(new (std::nothrow) PageStore(file_system));
        if (!pages)
            return fail(Error::no_memory);
        made = new (std::nothrow) RamRegular(file_system, file, std::move(pages));
    } else if (file.type == Type::symlink) {
        char* target = new (std::nothrow) char[file.target.size() + 1];
        if (!target)
            return fail(Error::no_memory);
        made = new (std::nothrow) RamSymlink(file_system, file, target);
        if (!made)
            delete[] target;
    } else
        made = new (std::nothrow) RamInode(file_system, file);
    if (!made)
        return fail(Error::no_memory);
    return Ref<Inode>::adopt(made);
}

Result<Ref<Inode>> RamInode::create(std::string_view, const NewFile& file) {
    Ref<Inode> made = TRY(make(ram(), file));
    if (file.type == Type::directory)
        add_links(1);
    touch_modified();
    return made;
}

Result<Ref<Inode>> RamInode::create_unnamed(const NewFile& file) {
    Ref<Inode> made = TRY(make(ram(), file));
    made->add_links(-1);
    return made;
}

Result<> RamInode::link(std::string_view, Inode& target) {
    target.add_links(1);
    touch_modified();
    return {};
}

Result<> RamInode::remove(std::string_view, Inode& target) {
    if (target.is_directory()) {
        target.add_links(-2);
        add_links(-1);
    } else
        target.add_links(-1);
    touch_modified();
    return {};
}

Result<> RamInode::rename(std::string_view, Inode& target, Inode& to, std::string_view, Inode*) {
    if (target.is_directory() && &to != this) {
        add_links(-1);
        to.add_links(1);
    }
    touch_modified();
    to.touch_modified();
    target.add_links(0); // its change time
    return {};
}

// Regular files

RamRegular::RamRegular(RamFileSystem& file_system, const NewFile& file, Ref<PageStore> pages)
    : RamInode(file_system, file), pages_(std::move(pages)) {
    pages_->set_identity({.device = file_system.device().minor, .inode = number()});
}

RamRegular::~RamRegular() = default;

Attributes RamRegular::attributes() const {
    Attributes result = Inode::attributes();
    result.size = pages_->size();
    result.blocks = pages_->pages() * (page_size / 512);
    return result;
}

Result<std::size_t> RamRegular::read(std::uint64_t offset, Sink& to) {
    std::size_t done = 0;
    while (to.remaining() && !to.faulted()) {
        std::uint64_t size = pages_->size();
        if (offset >= size)
            break;
        std::size_t in_page = offset & (page_size - 1);
        std::size_t wanted = page_size - in_page;
        if (wanted > size - offset)
            wanted = size - offset;
        PhysAddr frame = pages_->find(offset >> page_shift);
        std::size_t n;
        if (frame.value == 0)
            n = to.put_zeros(wanted);
        else {
            FrameView view(frame);
            n = to.put(view.data() + in_page, wanted);
        }
        done += n;
        offset += n;
    }
    if (done == 0 && to.faulted())
        return fail(Error::bad_address);
    if (done)
        touch_accessed();
    return done;
}

/// Bytes behind the end in the last page (a mapping may have written there) must not show when the file grows.
void RamRegular::zero_rest_of_page(std::uint64_t offset) {
    std::size_t in_page = offset & (page_size - 1);
    if (in_page == 0)
        return;
    PhysAddr frame = pages_->find(offset >> page_shift);
    if (frame.value == 0)
        return;
    FrameView view(frame);
    std::memset(view.data() + in_page, 0, page_size - in_page);
}

Result<std::size_t> RamRegular::write(std::uint64_t& offset, Source& from, bool append) {
    thread::MutexGuard guard(write_lock_);
    if (append)
        offset = pages_->size();
    if (from.remaining() == 0)
        return std::size_t{0};
    if (offset >= PageStore::max_size)
        return fail(Error::file_too_large);
    from.limit(PageStore::max_size - offset);
    if (offset > pages_->size())
        zero_rest_of_page(pages_->size());
    std::size_t done = 0;
    Error error = Error::bad_address;
    while (from.remaining() && !from.faulted()) {
        std::uint64_t at = offset + done;
        std::size_t in_page = at & (page_size - 1);
        auto frame = pages_->get(at >> page_shift);
        if (!frame) {
            error = frame.error();
            break;
        }
        FrameView view(*frame);
        done += from.take(view.data() + in_page, page_size - in_page);
        if (offset + done > pages_->size())
            pages_->set_size(offset + done);
    }
    if (done == 0)
        return fail(error);
    touch_modified();
    return done;
}

Result<> RamRegular::truncate(std::uint64_t size) {
    if (size > PageStore::max_size)
        return fail(Error::file_too_large);
    thread::MutexGuard guard(write_lock_);
    std::uint64_t old = pages_->size();
    zero_rest_of_page(size < old ? size : old);
    pages_->set_size(size);
    if (size < old) {
        const std::uint64_t first_gone = (size + page_size - 1) >> page_shift;
        pages_->forget_pages(first_gone, memory::SparsePages::max_index + 1, true);
        pages_->drop(first_gone, memory::SparsePages::max_index + 1);
        zero_rest_of_page(size);
    }
    touch_modified();
    return {};
}

Result<> RamRegular::allocate(std::uint64_t offset, std::uint64_t bytes, bool keep_size) {
    std::uint64_t end = offset + bytes;
    if (end > PageStore::max_size)
        return fail(Error::file_too_large);
    // More than there could ever be room for is refused before a single page is taken.
    FileSystemUsage room = ram().usage();
    if ((bytes >> page_shift) > room.free_blocks + pages_->pages())
        return fail(Error::no_space);
    thread::MutexGuard guard(write_lock_);
    if (end > pages_->size())
        zero_rest_of_page(pages_->size());
    for (std::uint64_t index = offset >> page_shift; index < (end + page_size - 1) >> page_shift; ++index)
        memory::release_frame(TRY(pages_->get(index)));
    if (!keep_size && end > pages_->size())
        pages_->set_size(end);
    touch_modified();
    return {};
}

Result<> RamRegular::punch_hole(std::uint64_t offset, std::uint64_t bytes) {
    thread::MutexGuard guard(write_lock_);
    std::uint64_t size = pages_->size();
    std::uint64_t end = offset + bytes;
    for (std::uint64_t at = offset; at < end && at < align_up(size, page_size);) {
        std::size_t in_page = at & (page_size - 1);
        std::size_t count = page_size - in_page;
        if (in_page == 0 && end - at >= page_size) {
            std::uint64_t last = end >> page_shift;
            pages_->drop(at >> page_shift, last);
            pages_->forget_pages(at >> page_shift, last, false);
            at = last << page_shift;
            continue;
        }
        if (count > end - at)
            count = end - at;
        if (PhysAddr frame = pages_->find(at >> page_shift); frame.value) {
            FrameView view(frame);
            std::memset(view.data() + in_page, 0, count);
        }
        at += count;
    }
    touch_modified();
    return {};
}

Result<std::uint64_t> RamRegular::find_data(std::uint64_t offset, bool hole) {
    std::uint64_t size = pages_->size();
    if (offset >= size)
        return fail(Error::out_of_range);
    std::uint64_t end = (size + page_size - 1) >> page_shift;
    std::uint64_t index = pages_->next(offset >> page_shift, end, hole);
    if (index == end)
        return hole ? Result<std::uint64_t>(size) : fail(Error::out_of_range);
    std::uint64_t at = index << page_shift;
    return at > offset ? at : offset;
}

// Symbolic links

RamSymlink::RamSymlink(RamFileSystem& file_system, const NewFile& file, char* target)
    : RamInode(file_system, file), target_(target), length_(file.target.size()) {
    std::memcpy(target_, file.target.data(), length_);
    SpinlockGuard guard(attribute_lock_);
    attributes_.size = length_;
    attributes_.mode = 0777;
}

RamSymlink::~RamSymlink() {
    delete[] target_;
}

Result<std::size_t> RamSymlink::read_link(std::span<char> to) {
    std::size_t n = length_ < to.size() ? length_ : to.size();
    std::memcpy(to.data(), target_, n);
    return n;
}

} // namespace file

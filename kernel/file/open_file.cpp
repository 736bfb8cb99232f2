#include "file/open_file.hpp"

#include "lib/format.hpp"

namespace file {

OpenFile::~OpenFile() = default;

Result<std::size_t> OpenFile::read(Sink& to) {
    if (!can_read()) [[unlikely]]
        return fail(Error::bad_descriptor);
    if (positioning_ != Positioning::seekable)
        return do_read(0, to);
    thread::MutexGuard guard(offset_lock_);
    std::size_t done = TRY(do_read(offset_, to));
    offset_ += done;
    return done;
}

Result<std::size_t> OpenFile::write(Source& from) {
    if (!can_write()) [[unlikely]]
        return fail(Error::bad_descriptor);
    std::uint64_t offset = 0;
    if (positioning_ != Positioning::seekable)
        return do_write(offset, from);
    thread::MutexGuard guard(offset_lock_);
    offset = offset_;
    std::size_t done = TRY(do_write(offset, from));
    offset_ = offset + done;
    return done;
}

Result<std::size_t> OpenFile::read_at(std::int64_t offset, Sink& to) {
    if (!can_read())
        return fail(Error::bad_descriptor);
    if (positioning_ == Positioning::stream)
        return fail(Error::not_seekable);
    if (offset < 0)
        return fail(Error::invalid_argument);
    return do_read(static_cast<std::uint64_t>(offset), to);
}

Result<std::size_t> OpenFile::write_at(std::int64_t offset, Source& from) {
    if (!can_write())
        return fail(Error::bad_descriptor);
    if (positioning_ == Positioning::stream)
        return fail(Error::not_seekable);
    if (offset < 0)
        return fail(Error::invalid_argument);
    auto at = static_cast<std::uint64_t>(offset);
    return do_write(at, from);
}

Result<std::uint64_t> OpenFile::seek(std::int64_t offset, Whence whence) {
    if (positioning_ == Positioning::stream)
        return fail(Error::not_seekable);
    if (positioning_ == Positioning::ignored)
        return std::uint64_t{0};
    std::int64_t base = 0;
    std::uint64_t size = 0;
    if (whence == Whence::end || whence == Whence::data || whence == Whence::hole)
        size = attributes().size;
    thread::MutexGuard guard(offset_lock_);
    switch (whence) {
    case Whence::start:
        break;
    case Whence::current:
        base = static_cast<std::int64_t>(offset_);
        break;
    case Whence::end:
        base = static_cast<std::int64_t>(size);
        break;
    case Whence::data:
    case Whence::hole:
        if (offset < 0 || static_cast<std::uint64_t>(offset) >= size)
            return fail(Error::out_of_range);
        if (whence == Whence::hole)
            offset = static_cast<std::int64_t>(size);
        break;
    }
    std::int64_t sum;
    if (__builtin_add_overflow(base, offset, &sum))
        return fail(Error::overflow);
    if (sum < 0)
        return fail(Error::invalid_argument);
    offset_ = static_cast<std::uint64_t>(sum);
    return offset_;
}

std::uint32_t OpenFile::poll(Poller*) {
    // Files are always ready, as POSIX has it; so is everything that never waits.
    return event_readable | event_writable;
}

Result<std::size_t> OpenFile::readable_bytes() {
    return fail(Error::not_supported);
}

Result<bool> OpenFile::read_directory(DirectoryItem&) {
    return fail(flags() & open_path ? Error::bad_descriptor : Error::not_directory);
}

void OpenFile::unread_directory(std::uint64_t position) {
    set_offset(position);
}

Attributes OpenFile::attributes() const {
    return path ? path.inode().attributes() : Attributes{};
}

Inode* OpenFile::inode() const {
    return path ? &path.inode() : nullptr;
}

std::size_t OpenFile::describe(std::span<char>) const {
    return 0;
}

void OpenFile::set_status_flags(std::uint32_t flags) {
    constexpr std::uint32_t changeable = open_append | open_nonblock | open_direct | open_async | open_no_atime;
    std::uint32_t old = flags_.load(std::memory_order_relaxed);
    while (!flags_.compare_exchange_weak(old, (old & ~changeable) | (flags & changeable)))
        ;
}

std::uint64_t OpenFile::offset() const {
    thread::MutexGuard guard(offset_lock_);
    return offset_;
}

void OpenFile::set_offset(std::uint64_t offset) {
    thread::MutexGuard guard(offset_lock_);
    offset_ = offset;
}

Result<std::size_t> OpenFile::do_read(std::uint64_t, Sink&) {
    return fail(Error::invalid_argument);
}

Result<std::size_t> OpenFile::do_write(std::uint64_t&, Source&) {
    return fail(Error::invalid_argument);
}

namespace {

std::atomic<std::uint64_t> next_anonymous_number{1};

} // namespace

AnonymousFile::AnonymousFile(Positioning positioning, std::uint32_t flags, const char* kind)
    : OpenFile(positioning, flags), number_(next_anonymous_number.fetch_add(1, std::memory_order_relaxed)),
      kind_(kind) {}

Attributes AnonymousFile::attributes() const {
    Attributes result;
    result.type = Type::anonymous;
    result.mode = 0600;
    result.number = number_;
    return result;
}

std::size_t AnonymousFile::describe(std::span<char> to) const {
    return format::print(to, "anon_inode:{}", kind_);
}

} // namespace file

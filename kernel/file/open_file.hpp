#pragma once
// An open file description: what several descriptors and processes may share. Holds the offset and the status flags;
// what reading, writing and waiting mean is the derived class's.

#include "file/inode.hpp"
#include "file/poll.hpp"
#include "file/tree.hpp"
#include "thread/mutex.hpp"

namespace device {
class BlockDevice;
}
namespace terminal {
class Terminal;
}

namespace file {

class MessageQueueFile;
class SignalFile;
class TimerFile;
class WatchSet;
struct WatchEntry;

/// Ends an open file: first what watches it goes, then the file itself. Called by the last Ref.
void destroy(OpenFile* file);

enum class Whence : std::uint8_t { start, current, end, data, hole };

/// How the file treats its offset.
enum class Positioning : std::uint8_t {
    stream,   // has none: pipes, terminals. lseek and pread answer Error::not_seekable
    seekable, // has one
    ignored,  // takes any and does not care: /dev/zero
};

class OpenFile : public RefCounted<OpenFile> {
public:
    OpenFile(Positioning positioning, std::uint32_t flags) : positioning_(positioning), flags_(flags) {}
    virtual ~OpenFile();

    // What descriptors call. Errors besides the virtual ones': bad_descriptor (not open for that), is_directory.

    /// At the offset, which moves. May sleep. Returns 0 at the end of the file.
    Result<std::size_t> read(Sink& to);
    Result<std::size_t> write(Source& from);
    /// At `offset`, which is the caller's. Errors: not_seekable, invalid_argument (negative).
    Result<std::size_t> read_at(std::int64_t offset, Sink& to);
    Result<std::size_t> write_at(std::int64_t offset, Source& from);
    /// Returns the new offset. Errors: not_seekable, invalid_argument, out_of_range, overflow.
    virtual Result<std::uint64_t> seek(std::int64_t offset, Whence whence);

    // What a kind of file gives.

    /// Events (Event bits) that are ready; with a poller, also names the queues to listen to.
    virtual std::uint32_t poll(Poller* poller);
    /// Bytes that can be read at once. Errors: not_supported.
    virtual Result<std::size_t> readable_bytes();
    /// One directory entry at the offset; moves the offset. False at the end. Errors: not_directory, not_found.
    virtual Result<bool> read_directory(DirectoryItem& item);
    /// Moves the offset back to before an item that the caller had no room for.
    void unread_directory(std::uint64_t position);
    virtual Attributes attributes() const;
    /// The inode behind it; null for files without one (pipes, epoll sets).
    virtual Inode* inode() const;
    /// The terminal it leads to, null for everything else.
    virtual terminal::Terminal* terminal() { return nullptr; }
    /// The pipe behind it, null for everything else.
    virtual Pipe* pipe() { return nullptr; }
    /// The disk whose bytes it is, null for everything else.
    virtual device::BlockDevice* disk() { return nullptr; }
    /// The timer, or the set of watched files, that it is; null for everything else.
    virtual TimerFile* timer() { return nullptr; }
    virtual WatchSet* watch_set() { return nullptr; }
    /// The message queue that it leads to, or the signals that it reads; null for everything else.
    virtual MessageQueueFile* message_queue() { return nullptr; }
    virtual SignalFile* signal_file() { return nullptr; }
    /// Pages for mmap; null when the file cannot be mapped.
    virtual Ref<memory::MemoryObject> memory_object() { return {}; }
    /// What /proc/PID/fd shows for files without a path: "pipe:[12]". Returns the bytes written, 0 when it has a path.
    virtual std::size_t describe(std::span<char> to) const;
    /// Opens what is behind it once more (/proc/PID/fd/N of a file without a path). Errors: no_device.
    virtual Result<Ref<OpenFile>> reopen(std::uint32_t) { return fail(Error::no_device); }
    /// Writes back what is not yet on the medium.
    virtual Result<> sync() { return {}; }
    /// A descriptor in `process` was closed (others may remain): record locks go.
    virtual void descriptor_closed() {}

    bool can_read() const { return flags_.load(std::memory_order_relaxed) & open_read; }
    bool can_write() const { return flags_.load(std::memory_order_relaxed) & open_write; }
    bool is_nonblocking() const { return flags_.load(std::memory_order_relaxed) & open_nonblock; }
    std::uint32_t flags() const { return flags_.load(std::memory_order_relaxed); }
    /// Replaces append, nonblock, direct, async, no_atime; the others stay.
    void set_status_flags(std::uint32_t flags);
    Positioning positioning() const { return positioning_; }
    std::uint64_t offset() const EXCLUDES(offset_lock_);
    void set_offset(std::uint64_t offset) EXCLUDES(offset_lock_);

    /// Where it was opened; empty for files without a name. Set once, before the file is shared.
    Path path;
    /// Who watches it; watch_set.cpp's.
    WatchEntry* watches = nullptr;

protected:
    /// Reads from `offset` (0 for streams).
    virtual Result<std::size_t> do_read(std::uint64_t offset, Sink& to);
    /// Writes at `offset`; a file in append mode moves it to where it wrote.
    virtual Result<std::size_t> do_write(std::uint64_t& offset, Source& from);

    /// Held over a whole read or write at the offset: two readers of one description get different bytes.
    mutable thread::Mutex offset_lock_;
    std::uint64_t offset_ GUARDED_BY(offset_lock_) = 0;

private:
    const Positioning positioning_;
    std::atomic<std::uint32_t> flags_; // OpenFlag
};

/// A file without a name: pipes, event counters, epoll sets. Attributes as fstat shows them.
class AnonymousFile : public OpenFile {
public:
    AnonymousFile(Positioning positioning, std::uint32_t flags, const char* kind);
    Attributes attributes() const override;
    std::size_t describe(std::span<char> to) const override;

protected:
    std::uint64_t number_; // of the anonymous inode
    const char* kind_;     // "[eventfd]"
};

} // namespace file

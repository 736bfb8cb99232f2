#pragma once
// Pipes and fifos: bytes in order, writes of up to 4096 bytes never mixed (PIPE_BUF, POSIX.1-2017 write()).

#include "file/open_file.hpp"

namespace file {

/// The buffer between both ends.
class Pipe final : public RefCounted<Pipe> {
public:
    static constexpr std::size_t default_capacity = 64 * 1024;
    static constexpr std::size_t largest_capacity = 1024 * 1024;
    static constexpr std::size_t atomic_bytes = 4096;

    /// `capacity`: bytes, a power of two. Writes of more than that are never atomic. Errors: no_memory.
    static Result<Ref<Pipe>> create(std::size_t capacity = default_capacity);
    ~Pipe();

    /// Errors: would_block (nonblocking and empty), restart, bad_address. 0: no writer is left.
    Result<std::size_t> read(Sink& to, bool nonblocking) EXCLUDES(mutex_, lock_);
    /// Errors: would_block, broken_pipe (no reader is left), restart, bad_address, no_memory.
    Result<std::size_t> write(Source& from, bool nonblocking) EXCLUDES(mutex_, lock_);
    std::uint32_t poll(Poller* poller, bool reads, bool writes) EXCLUDES(lock_);
    std::size_t readable() const EXCLUDES(lock_);
    std::size_t capacity() const EXCLUDES(lock_);
    /// Rounded up to a power of two of pages; returns the new one. Errors: invalid_argument, busy (holds more),
    /// not_permitted, no_memory.
    Result<std::size_t> set_capacity(std::size_t bytes) EXCLUDES(mutex_, lock_);

    /// What an end found when it was added.
    struct Arrival {
        bool met;                  // the other end was open
        std::uint64_t other_opens; // how often that had been opened
    };
    /// One more (or less) open end.
    Arrival add_ends(int readers, int writers) EXCLUDES(lock_);
    /// A fifo's open(): waits until the other end is open too, or was since the caller's arrived: who comes, writes and
    /// goes at once is met all the same (fifo(7)). Errors: restart.
    Result<> wait_for_reader(const Arrival& arrival) EXCLUDES(lock_);
    Result<> wait_for_writer(const Arrival& arrival) EXCLUDES(lock_);
    bool has_readers() const EXCLUDES(lock_);

private:
    Pipe() = default;
    Result<std::size_t> resize(std::size_t capacity) EXCLUDES(mutex_, lock_);
    static std::size_t pages_of(std::size_t capacity) { return (capacity + page_size - 1) / page_size; }
    /// Writes up to this size are never mixed with others.
    std::size_t atomic_size() const { return capacity_ < atomic_bytes ? 1 : atomic_bytes; }
    struct Piece {
        std::byte* at;
        std::size_t bytes;
    };
    /// The contiguous bytes at `position` of the ring, at most `wanted`. Errors: no_memory (its page is not there yet).
    Result<Piece> piece(std::size_t position, std::size_t wanted) REQUIRES(mutex_);
    std::size_t drain(Sink& to) REQUIRES(mutex_) EXCLUDES(lock_);
    Result<std::size_t> fill(Source& from) REQUIRES(mutex_) EXCLUDES(lock_);

    // The mutex is held over copies from and to user memory and keeps pages and capacity in place; the lock guards the
    // counts, is what sleepers wait with and is never held over a copy.
    thread::Mutex mutex_;
    mutable Spinlock lock_ ACQUIRED_AFTER(mutex_);
    thread::WaitQueue readers_queue_;                // there is something to read, or no writer any more
    thread::WaitQueue writers_queue_;                // there is room, or no reader any more
    std::byte** pages_ GUARDED_BY(mutex_) = nullptr; // capacity / page_size places, filled as needed
    // These are written with both held and may be read with either.
    std::size_t capacity_ = 0; // bytes, a power of two
    std::size_t head_ = 0;     // bytes ever read
    std::size_t tail_ = 0;     // bytes ever written
    int readers_ GUARDED_BY(lock_) = 0;
    int writers_ GUARDED_BY(lock_) = 0;
    std::uint64_t reader_opens_ GUARDED_BY(lock_) = 0; // ever: an open that came and went still frees a waiting one
    std::uint64_t writer_opens_ GUARDED_BY(lock_) = 0;
};

struct PipeEnds {
    Ref<OpenFile> reader;
    Ref<OpenFile> writer;
};
/// `flags`: open_nonblock, open_direct. `capacity`: bytes, a power of two. Errors: no_memory.
Result<PipeEnds> create_pipe(std::uint32_t flags, std::size_t capacity = Pipe::default_capacity);

/// Opens a fifo's inode; waits for the other end unless nonblocking. Errors: no_device (nonblocking writer without a
/// reader), restart, no_memory.
Result<Ref<OpenFile>> open_fifo(Inode& inode, const Path& path, std::uint32_t flags);

} // namespace file

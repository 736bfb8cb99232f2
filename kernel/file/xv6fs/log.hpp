#pragma once
// The write-ahead log. Operations change blocks in the cache; the blocks that they name are pinned there. A commit
// writes all of them into the log, then the log's header (from here on the changes happen, whatever comes), then each
// block to its place, then an empty header. One commit carries everything that ended before it.

#include "file/block_cache.hpp"
#include "file/xv6fs/format.hpp"
#include "thread/wait_queue.hpp"

namespace file::xv6fs {

class Log;

/// One step from a consistent file system to another. No other may be begun by the same thread meanwhile, and no lock
/// waited for whose holder could wait for the log.
class Operation {
public:
    /// Waits until the log has room for `blocks` more, at most its capacity. Check begun() first: on an error (io: an
    /// earlier commit has failed and cannot be carried out now; read_only) nothing may be changed.
    Operation(Log& log, std::uint32_t blocks);
    ~Operation();
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;

    Result<> begun() const { return begun_; }
    /// The block was changed, or will be, and goes with this operation. It is held by the caller. Until the operation
    /// ends it stays in the cache: reading it again cannot fail.
    void changed(const BlockRef& block);
    /// Blocks of the reservation that are not used up.
    std::uint32_t left() const { return left_; }

private:
    friend class Log;
    Log& log_;
    std::uint32_t left_; // of the reservation
    Result<> begun_;
};

class Log {
public:
    Log(BlockCache& cache, const Layout& layout) : cache_(cache), layout_(layout) {}
    ~Log();

    /// Carries out what a former life of the disk has committed; on a disk that cannot be written, in the cache only.
    /// Once, before anything else. Errors: io, no_memory, invalid_argument (a header that no log can have).
    Result<> recover();
    /// Brings everything that has ended to the disk. Errors: io; everything is kept, and later calls try again.
    Result<> commit() EXCLUDES(lock_);
    /// Blocks that one operation may reserve.
    std::uint32_t capacity() const { return layout_.log_capacity; }

private:
    friend class Operation;
    Result<> begin(std::uint32_t blocks) EXCLUDES(lock_);
    void add(Operation& operation, CachedBlock& block) EXCLUDES(lock_);
    void end(Operation& operation) EXCLUDES(lock_);

    /// Until no operation runs and nobody commits.
    void wait_for_turn() REQUIRES(lock_);
    void unpin_all();
    Result<> write_out() EXCLUDES(lock_);
    Result<> write_header(std::uint32_t count);
    Result<> install();
    Result<> write_all();
    Result<> recover_blocks(const LogHeader& header);
    std::uint32_t log_block(std::uint32_t index) const { return layout_.log_start + 1 + index; }

    BlockCache& cache_;
    const Layout& layout_;

    Spinlock lock_;
    thread::WaitQueue changed_;
    CachedBlock* blocks_[max_log_blocks] GUARDED_BY(lock_) = {}; // of the transaction, pinned
    std::uint32_t count_ GUARDED_BY(lock_) = 0;
    std::uint32_t reserved_ GUARDED_BY(lock_) = 0;   // that running operations may still add
    std::uint32_t operations_ GUARDED_BY(lock_) = 0; // running
    bool wanted_ GUARDED_BY(lock_) = false;          // somebody waits for a commit: no new operations
    bool committing_ GUARDED_BY(lock_) = false;      // blocks_ and count_ stand still, and belong to the committer
    bool failed_ GUARDED_BY(lock_) = false; // a commit broke off: its blocks must reach the disk as they are first
};

} // namespace file::xv6fs

#include "file/xv6fs/log.hpp"

#include "file/write_back.hpp"
#include "lib/log.hpp"

#include <cstring>

namespace file::xv6fs {

Operation::Operation(Log& log, std::uint32_t blocks) : log_(log), left_(blocks), begun_(log.begin(blocks)) {}

Operation::~Operation() {
    if (begun_)
        log_.end(*this);
}

void Operation::changed(const BlockRef& block) {
    log_.add(*this, block.block());
}

Log::~Log() {
    unpin_all(); // what could not be written is lost with the disk that did not take it
}

/// Of a transaction that stands still.
void Log::unpin_all() NO_THREAD_SAFETY_ANALYSIS {
    for (std::uint32_t i = 0; i < count_; ++i)
        cache_.unpin(*blocks_[i]);
}

// Operations

void Log::wait_for_turn() {
    while (committing_ || operations_ > 0) {
        if (!committing_)
            wanted_ = true;
        changed_.wait_uninterruptible(lock_);
    }
    wanted_ = false;
}

Result<> Log::begin(std::uint32_t blocks) {
    if (cache_.device().is_read_only())
        return fail(Error::read_only);
    INVARIANT(blocks <= capacity());
    for (;;) {
        {
            SpinlockGuard guard(lock_);
            while (committing_ || (wanted_ && operations_ > 0))
                changed_.wait_uninterruptible(lock_);
            if (!failed_ && count_ + reserved_ + blocks <= capacity()) {
                ++operations_;
                reserved_ += blocks;
                return {};
            }
            wait_for_turn();
            if (!failed_ && count_ + blocks <= capacity())
                continue; // somebody else has made room
            committing_ = true;
        }
        TRY(write_out());
    }
}

void Log::add(Operation& operation, CachedBlock& block) {
    {
        SpinlockGuard guard(lock_);
        for (std::uint32_t i = 0; i < count_; ++i)
            if (blocks_[i] == &block)
                return;
        INVARIANT(operation.left_ > 0);
        --operation.left_;
        --reserved_;
        blocks_[count_++] = &block;
    }
    cache_.pin(block); // the caller holds it, and no commit comes while the operation runs
}

void Log::end(Operation& operation) {
    SpinlockGuard guard(lock_);
    reserved_ -= operation.left_;
    if (--operations_ == 0 || wanted_)
        changed_.wake_all();
    if (count_ > 0)
        note_unwritten();
}

// Commits

Result<> Log::commit() {
    if (cache_.device().is_read_only())
        return {};
    {
        SpinlockGuard guard(lock_);
        wait_for_turn();
        if (count_ == 0)
            return {};
        committing_ = true;
    }
    return write_out();
}

/// committing_ is the caller's.
Result<> Log::write_out() {
    const Result<> done = write_all();
    if (done)
        unpin_all();
    SpinlockGuard guard(lock_);
    if (done) {
        count_ = 0;
    } else if (!failed_) {
        klog::warning("xv6fs on {}: the disk fails, {} blocks wait", cache_.device().name(), count_);
    }
    failed_ = !done;
    committing_ = false;
    changed_.wake_all();
    return done;
}

/// The steps of a commit. Each may be repeated: the blocks do not change before all are done.
Result<> Log::write_all() NO_THREAD_SAFETY_ANALYSIS {
    device::BlockDevice& disk = cache_.device();
    std::array<BlockCache::Placement, max_log_blocks> places{};
    for (std::uint32_t i = 0; i < count_; ++i)
        places[i] = {.block = blocks_[i], .place = log_block(i)};
    TRY(disk.flush()); // the empty header of the last commit stands before the log is written again
    TRY(cache_.write({places.data(), count_}));
    TRY(disk.flush());
    TRY(write_header(count_));
    TRY(disk.flush());
    TRY(install());
    TRY(disk.flush());
    return write_header(0);
}

Result<> Log::write_header(std::uint32_t count) NO_THREAD_SAFETY_ANALYSIS {
    BlockRef block = TRY(cache_.overwrite(layout_.log_start));
    auto& header = block.at<LogHeader>(0);
    std::memset(&header, 0, sizeof header);
    header.count = count;
    for (std::uint32_t i = 0; i < count; ++i)
        header.places[i] = blocks_[i]->number();
    const BlockCache::Placement placement{.block = &block.block(), .place = layout_.log_start};
    return cache_.write({&placement, 1});
}

Result<> Log::install() NO_THREAD_SAFETY_ANALYSIS {
    std::array<BlockCache::Placement, max_log_blocks> places{};
    for (std::uint32_t i = 0; i < count_; ++i)
        places[i] = {.block = blocks_[i], .place = blocks_[i]->number()};
    return cache_.write({places.data(), count_});
}

// Recovery

Result<> Log::recover() NO_THREAD_SAFETY_ANALYSIS {
    LogHeader header;
    {
        BlockRef block = TRY(cache_.read(layout_.log_start));
        std::memcpy(&header, block.bytes().data(), sizeof header);
    }
    if (header.count == 0)
        return {};
    // Behind the log's own capacity, the original's log may be a block longer.
    if (header.count > max_log_blocks || log_block(header.count) > layout_.inode_start)
        return fail(Error::invalid_argument);
    for (std::uint32_t i = 0; i < header.count; ++i)
        if (header.places[i] < layout_.inode_start || header.places[i] >= layout_.size)
            return fail(Error::invalid_argument);
    auto done = recover_blocks(header);
    if (!done || !cache_.device().is_read_only()) {
        unpin_all();
        count_ = 0;
    }
    return done; // on a disk that cannot be written they stay pinned: it is read through them
}

Result<> Log::recover_blocks(const LogHeader& header) NO_THREAD_SAFETY_ANALYSIS {
    for (std::uint32_t i = 0; i < header.count; ++i) {
        // One after the other: the places differ from the log's blocks, and the contents go by way of the stack.
        std::byte contents[block_bytes];
        {
            BlockRef from = TRY(cache_.read(log_block(i)));
            std::memcpy(contents, from.bytes().data(), sizeof contents);
        }
        BlockRef to = TRY(cache_.overwrite(header.places[i]));
        std::memcpy(to.bytes().data(), contents, sizeof contents);
        bool listed = false;
        for (std::uint32_t j = 0; j < count_; ++j)
            listed |= blocks_[j] == &to.block();
        if (listed)
            continue; // the same place twice: the later one counts
        blocks_[count_++] = &to.block();
        cache_.pin(to.block());
    }
    if (cache_.device().is_read_only())
        return {};
    klog::info("xv6fs on {}: {} blocks from the log", cache_.device().name(), header.count);
    TRY(install());
    TRY(cache_.device().flush());
    TRY(write_header(0));
    return cache_.device().flush();
}

} // namespace file::xv6fs

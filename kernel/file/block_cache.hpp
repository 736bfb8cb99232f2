#pragma once
// Blocks of a disk in memory, for file systems. Each block has its own lock; blocks that nobody uses are kept in the
// order of their last use and give way, the oldest first, when the cache has its size or memory is short.

#include "device/block_device.hpp"
#include "thread/mutex.hpp"

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>

namespace file {

class BlockCache;
class BlockRef;

/// A block in the cache. What it holds is guarded by its lock, which a BlockRef holds; the rest by the cache's.
class CachedBlock {
public:
    std::uint32_t number() const { return number_; }

private:
    friend class BlockCache;
    friend class BlockRef;
    CachedBlock() = default;

    thread::Mutex lock_; // taken before the cache's own
    std::byte* data_ = nullptr;
    bool valid_ = false; // data_ is what the block holds; under lock_

    std::uint32_t number_ = 0;
    std::uint32_t users_ = 0; // BlockRefs and pins; only with none it is in the list of unused ones
    boost::intrusive::set_member_hook<> number_hook_;
    boost::intrusive::list_member_hook<> unused_hook_;
};

/// Holds a block and its lock. Who holds one takes another only when the two cannot be the same, and only in the file
/// system's order of blocks.
class BlockRef {
public:
    BlockRef(BlockRef&& other) noexcept : cache_(other.cache_), block_(std::exchange(other.block_, nullptr)) {}
    BlockRef& operator=(BlockRef&&) = delete;
    ~BlockRef();

    std::span<std::byte> bytes() const;
    CachedBlock& block() const { return *block_; }
    /// An object at `offset`, which is a multiple of its alignment.
    template <typename T>
    T& at(std::size_t offset) const {
        return *reinterpret_cast<T*>(bytes().subspan(offset, sizeof(T)).data());
    }

private:
    friend class BlockCache;
    BlockRef(BlockCache& cache, CachedBlock& block) : cache_(cache), block_(&block) {}
    BlockCache& cache_;
    CachedBlock* block_;
};

class BlockCache {
public:
    static constexpr std::uint32_t block_bytes = 1024;

    /// `limit`: blocks that it keeps; more only while they are in use. Block numbers are the caller's to check.
    BlockCache(device::BlockDevice& device, std::size_t limit) : device_(device), limit_(limit) {}
    ~BlockCache();
    BlockCache(const BlockCache&) = delete;

    /// The block as the disk has it, or as it was changed since. Errors: io, no_memory.
    Result<BlockRef> read(std::uint32_t number) EXCLUDES(lock_);
    /// The block for one who writes all of it: what it held is not looked at. Errors: no_memory.
    Result<BlockRef> overwrite(std::uint32_t number) EXCLUDES(lock_);
    /// Brings in those of the blocks that are not there, several at once. What fails shows when the block is read.
    void read_ahead(std::span<const std::uint32_t> numbers) EXCLUDES(lock_);

    /// A pinned block stays until it is unpinned as often.
    void pin(CachedBlock& block) EXCLUDES(lock_);
    void unpin(CachedBlock& block) EXCLUDES(lock_);

    /// Writes blocks that are pinned and that nobody changes meanwhile to places on the disk. Errors: io.
    struct Placement {
        const CachedBlock* block;
        std::uint32_t place; // block number
    };
    Result<> write(std::span<const Placement> blocks);
    device::BlockDevice& device() const { return device_; }
    /// Blocks in memory.
    std::size_t size() EXCLUDES(lock_);

    static constexpr std::size_t max_batch = 64;

private:
    friend class BlockRef;
    struct ByNumber {
        using type = std::uint32_t;
        type operator()(const CachedBlock& block) const { return block.number_; }
    };
    using Numbers = boost::intrusive::set<
        CachedBlock,
        boost::intrusive::member_hook<CachedBlock, boost::intrusive::set_member_hook<>, &CachedBlock::number_hook_>,
        boost::intrusive::key_of_value<ByNumber>>;
    using Unused = boost::intrusive::list<
        CachedBlock,
        boost::intrusive::member_hook<CachedBlock, boost::intrusive::list_member_hook<>, &CachedBlock::unused_hook_>>;

    /// The block with one more user. Errors: no_memory.
    Result<CachedBlock*> use(std::uint32_t number) EXCLUDES(lock_);
    Result<CachedBlock*> make() REQUIRES(lock_);
    void leave(CachedBlock& block) EXCLUDES(lock_);
    static void dispose(CachedBlock* block);
    device::BlockTransfer transfer(const CachedBlock& block, std::uint32_t place) const;

    device::BlockDevice& device_;
    const std::size_t limit_;
    thread::Mutex lock_; // leaf but for the pools
    Numbers blocks_ GUARDED_BY(lock_);
    Unused unused_ GUARDED_BY(lock_); // the oldest in front
};

} // namespace file

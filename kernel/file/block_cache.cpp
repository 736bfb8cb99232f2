#include "file/block_cache.hpp"

#include "memory/pool.hpp"

#include <arch/page_table.hpp>
#include <new>

namespace file {

BlockRef::~BlockRef() {
    if (!block_)
        return;
    block_->lock_.release();
    cache_.leave(*block_);
}

std::span<std::byte> BlockRef::bytes() const {
    return {block_->data_, BlockCache::block_bytes};
}

BlockCache::~BlockCache() {
    thread::MutexGuard guard(lock_);
    unused_.clear();
    blocks_.clear_and_dispose(dispose);
}

void BlockCache::dispose(CachedBlock* block) {
    memory::release(block->data_, block_bytes);
    delete block;
}

/// A block object without a number: a new one, or the one that was not used for the longest time.
Result<CachedBlock*> BlockCache::make() {
    if (blocks_.size() < limit_ || unused_.empty()) {
        auto* made = new (std::nothrow) CachedBlock;
        if (made) {
            // A power of two: it lies in one page.
            made->data_ = static_cast<std::byte*>(memory::allocate(block_bytes, block_bytes));
            if (made->data_)
                return made;
            delete made;
        }
    }
    if (unused_.empty())
        return fail(Error::no_memory);
    CachedBlock& oldest = unused_.front();
    unused_.pop_front();
    blocks_.erase(blocks_.iterator_to(oldest));
    oldest.valid_ = false; // nobody uses it: nobody has its lock
    return &oldest;
}

Result<CachedBlock*> BlockCache::use(std::uint32_t number) {
    thread::MutexGuard guard(lock_);
    auto found = blocks_.find(number);
    if (found != blocks_.end()) {
        if (found->users_++ == 0)
            unused_.erase(unused_.iterator_to(*found));
        return &*found;
    }
    CachedBlock* made = TRY(make());
    made->number_ = number;
    made->users_ = 1;
    blocks_.insert(*made);
    return made;
}

void BlockCache::leave(CachedBlock& block) {
    thread::MutexGuard guard(lock_);
    if (--block.users_ != 0)
        return;
    if (blocks_.size() <= limit_) {
        unused_.push_back(block);
        return;
    }
    blocks_.erase(blocks_.iterator_to(block));
    dispose(&block);
}

device::BlockTransfer BlockCache::transfer(const CachedBlock& block, std::uint32_t place) const {
    return {
        .sector = std::uint64_t{place} * (block_bytes / device::sector_bytes),
        .memory = arch::virt_to_phys(block.data_),
        .bytes = block_bytes};
}

Result<BlockRef> BlockCache::read(std::uint32_t number) NO_THREAD_SAFETY_ANALYSIS {
    CachedBlock* block = TRY(use(number));
    block->lock_.acquire();
    BlockRef ref(*this, *block);
    if (!block->valid_) {
        const device::BlockTransfer whole = transfer(*block, number);
        if (!device_.read({&whole, 1}))
            return fail(Error::io);
        block->valid_ = true;
    }
    return ref;
}

Result<BlockRef> BlockCache::overwrite(std::uint32_t number) NO_THREAD_SAFETY_ANALYSIS {
    CachedBlock* block = TRY(use(number));
    block->lock_.acquire();
    block->valid_ = true;
    return BlockRef(*this, *block);
}

void BlockCache::read_ahead(std::span<const std::uint32_t> numbers) NO_THREAD_SAFETY_ANALYSIS {
    constexpr std::size_t most = 16;
    std::array<CachedBlock*, most> held{};
    std::array<device::BlockTransfer, most> pieces{};
    std::size_t count = 0;
    for (const std::uint32_t number : numbers) {
        if (count == most)
            break;
        auto block = use(number);
        if (!block)
            break;
        // One that somebody else holds is left to him: waiting with others held could be a circle.
        if (!(*block)->lock_.try_acquire()) {
            leave(**block);
        } else if ((*block)->valid_) {
            (*block)->lock_.release();
            leave(**block);
        } else {
            pieces[count] = transfer(**block, number);
            held[count++] = *block;
        }
    }
    const bool done = count != 0 && device_.read({pieces.data(), count}).has_value();
    for (std::size_t i = 0; i < count; ++i) {
        held[i]->valid_ = done;
        held[i]->lock_.release();
        leave(*held[i]);
    }
}

void BlockCache::pin(CachedBlock& block) {
    thread::MutexGuard guard(lock_);
    ++block.users_; // the caller holds it: it is not in the list of unused ones
}

void BlockCache::unpin(CachedBlock& block) {
    leave(block);
}

Result<> BlockCache::write(std::span<const Placement> blocks) {
    std::array<device::BlockTransfer, max_batch> pieces{};
    while (!blocks.empty()) {
        const std::size_t count = blocks.size() < max_batch ? blocks.size() : max_batch;
        for (std::size_t i = 0; i < count; ++i)
            pieces[i] = transfer(*blocks[i].block, blocks[i].place);
        TRY(device_.write({pieces.data(), count}));
        blocks = blocks.subspan(count);
    }
    return {};
}

std::size_t BlockCache::size() {
    thread::MutexGuard guard(lock_);
    return blocks_.size();
}

} // namespace file

#include "file/pipe.hpp"

#include "lib/format.hpp"
#include "memory/frame.hpp"

#include <arch/page_table.hpp>
#include <new>

namespace file {

Result<Ref<Pipe>> Pipe::create(std::size_t capacity) {
    auto made = Ref<Pipe>::adopt(new (std::nothrow) Pipe);
    if (!made)
        return fail(Error::no_memory);
    TRY(made->resize(capacity));
    return made;
}

Pipe::~Pipe() {
    thread::MutexGuard guard(mutex_);
    for (std::size_t i = 0; i < pages_of(capacity_); ++i)
        if (pages_[i])
            memory::release_frame(arch::virt_to_phys(pages_[i]));
    delete[] pages_;
}

Result<Pipe::Piece> Pipe::piece(std::size_t position, std::size_t wanted) {
    std::byte*& page = pages_[(position & (capacity_ - 1)) / page_size];
    if (!page) [[unlikely]]
        page = arch::phys_to_virt<std::byte>(TRY(memory::allocate_frame()));
    std::size_t in_page = position & (page_size - 1);
    std::size_t rest = page_size - in_page;
    return Piece{page + in_page, wanted < rest ? wanted : rest};
}

std::size_t Pipe::drain(Sink& to) {
    std::size_t done = 0;
    while (head_ + done != tail_ && to.remaining() && !to.faulted()) {
        auto from = piece(head_ + done, tail_ - head_ - done); // its page is there: it was written
        if (!from)
            break;
        // A piece that does not fit whole before a bad address stays in the pipe, as on Linux.
        const std::size_t moved = to.put(from->at, from->bytes);
        if (to.faulted())
            break;
        done += moved;
    }
    SpinlockGuard guard(lock_);
    head_ += done;
    return done;
}

Result<std::size_t> Pipe::read(Sink& to, bool nonblocking) {
    if (to.remaining() == 0)
        return std::size_t{0};
    for (;;) {
        {
            thread::MutexGuard guard(mutex_);
            if (head_ != tail_) {
                std::size_t done = drain(to);
                if (done == 0)
                    return fail(Error::bad_address);
                writers_queue_.wake_all();
                return done;
            }
        }
        SpinlockGuard guard(lock_);
        while (head_ == tail_) {
            if (writers_ == 0)
                return std::size_t{0};
            if (nonblocking)
                return fail(Error::would_block);
            TRY(readers_queue_.wait(lock_));
        }
    }
}

Result<std::size_t> Pipe::fill(Source& from) {
    std::size_t done = 0;
    std::size_t room = capacity_ - (tail_ - head_);
    Error error = Error::bad_address;
    while (done < room && from.remaining() && !from.faulted()) {
        auto to = piece(tail_ + done, room - done);
        if (!to) {
            error = to.error();
            break;
        }
        const std::size_t moved = from.take(to->at, to->bytes);
        if (from.faulted())
            break; // the begun piece does not count
        done += moved;
    }
    if (done == 0)
        return fail(error);
    SpinlockGuard guard(lock_);
    tail_ += done;
    return done;
}

Result<std::size_t> Pipe::write(Source& from, bool nonblocking) {
    const std::size_t whole = from.remaining();
    std::size_t done = 0;
    while (from.remaining()) {
        std::size_t needed = 0;
        {
            thread::MutexGuard guard(mutex_);
            needed = whole <= atomic_size() ? whole : 1;
            if (!has_readers())
                return done ? Result<std::size_t>(done) : fail(Error::broken_pipe);
            if (capacity_ - (tail_ - head_) >= needed) {
                auto moved = fill(from);
                if (!moved)
                    return done ? Result<std::size_t>(done) : moved;
                done += *moved;
                readers_queue_.wake_all();
                if (from.faulted())
                    return done;
                continue;
            }
        }
        SpinlockGuard guard(lock_);
        while (readers_ > 0 && capacity_ - (tail_ - head_) < needed) {
            if (nonblocking)
                return done ? Result<std::size_t>(done) : fail(Error::would_block);
            if (auto waited = writers_queue_.wait(lock_); !waited)
                return done ? Result<std::size_t>(done) : fail(waited.error());
        }
    }
    return done;
}

std::uint32_t Pipe::poll(Poller* poller, bool reads, bool writes) {
    if (poller && reads)
        poller->listen(readers_queue_);
    if (poller && writes)
        poller->listen(writers_queue_);
    SpinlockGuard guard(lock_);
    std::uint32_t events = 0;
    if (reads) {
        if (head_ != tail_)
            events |= event_readable;
        if (writers_ == 0 && writer_opens_ > 0)
            events |= event_hang_up;
    }
    if (writes) {
        if (capacity_ - (tail_ - head_) >= atomic_size())
            events |= event_writable;
        if (readers_ == 0)
            events |= event_error;
    }
    return events;
}

std::size_t Pipe::readable() const {
    SpinlockGuard guard(lock_);
    return tail_ - head_;
}

std::size_t Pipe::capacity() const {
    SpinlockGuard guard(lock_);
    return capacity_;
}

Result<std::size_t> Pipe::set_capacity(std::size_t bytes) {
    if (bytes > largest_capacity)
        return fail(Error::not_permitted);
    std::size_t rounded = page_size;
    while (rounded < bytes)
        rounded *= 2;
    return resize(rounded);
}

Result<std::size_t> Pipe::resize(std::size_t rounded) {
    std::size_t places = pages_of(rounded);
    auto** grown = new (std::nothrow) std::byte* [places] {};
    if (!grown)
        return fail(Error::no_memory);
    thread::MutexGuard guard(mutex_);
    // Bytes in less than a page would have to move.
    const bool moves = capacity_ != 0 && capacity_ < page_size && tail_ != head_;
    if (tail_ - head_ > rounded || moves) {
        delete[] grown;
        return fail(Error::busy);
    }
    // Pages move so that each position of the ring stays where its bytes are.
    std::size_t old_places = pages_of(capacity_);
    for (std::size_t at = align_down(head_, page_size); at < tail_; at += page_size) {
        std::byte*& page = pages_[(at / page_size) % old_places];
        grown[(at / page_size) % places] = std::exchange(page, nullptr);
    }
    for (std::size_t i = 0; i < old_places; ++i)
        if (pages_[i])
            memory::release_frame(arch::virt_to_phys(pages_[i]));
    delete[] pages_;
    pages_ = grown;
    SpinlockGuard counts(lock_);
    capacity_ = rounded;
    writers_queue_.wake_all();
    return rounded;
}

Pipe::Arrival Pipe::add_ends(int readers, int writers) {
    SpinlockGuard guard(lock_);
    readers_ += readers;
    writers_ += writers;
    reader_opens_ += readers > 0;
    writer_opens_ += writers > 0;
    readers_queue_.wake_all();
    writers_queue_.wake_all();
    return readers > 0 ? Arrival{writers_ > 0, writer_opens_} : Arrival{readers_ > 0, reader_opens_};
}

Result<> Pipe::wait_for_reader(const Arrival& arrival) {
    SpinlockGuard guard(lock_);
    while (!arrival.met && readers_ == 0 && reader_opens_ == arrival.other_opens)
        TRY(writers_queue_.wait(lock_));
    return {};
}

Result<> Pipe::wait_for_writer(const Arrival& arrival) {
    SpinlockGuard guard(lock_);
    while (!arrival.met && writers_ == 0 && writer_opens_ == arrival.other_opens)
        TRY(readers_queue_.wait(lock_));
    return {};
}

bool Pipe::has_readers() const {
    SpinlockGuard guard(lock_);
    return readers_ > 0;
}

/// The pipe of a fifo's inode, there while somebody has it open.
class FifoEnds {
public:
    static Result<Ref<Pipe>> join(Inode& inode) EXCLUDES(lock) {
        Ref<Pipe> fresh = TRY(Pipe::create());
        SpinlockGuard guard(lock);
        if (!inode.fifo_)
            inode.fifo_ = fresh.release();
        ++inode.fifo_users_;
        return Ref<Pipe>::share(inode.fifo_);
    }
    static void leave(Inode& inode) EXCLUDES(lock) {
        Ref<Pipe> last; // freed after the lock
        SpinlockGuard guard(lock);
        if (--inode.fifo_users_ == 0)
            last = Ref<Pipe>::adopt(std::exchange(inode.fifo_, nullptr));
    }

private:
    static inline Spinlock lock;
};

namespace {

/// One open end, or both ends (a fifo opened for reading and writing).
class PipeEnd final : public OpenFile {
public:
    PipeEnd(Ref<Pipe> pipe, std::uint32_t flags, std::uint64_t number)
        : OpenFile(Positioning::stream, flags), pipe_(std::move(pipe)), number_(number) {
        arrival = pipe_->add_ends(can_read(), can_write());
    }
    ~PipeEnd() override {
        pipe_->add_ends(can_read() ? -1 : 0, can_write() ? -1 : 0);
        if (fifo)
            FifoEnds::leave(*fifo);
    }

    std::uint32_t poll(Poller* poller) override { return pipe_->poll(poller, can_read(), can_write()); }
    Result<std::size_t> readable_bytes() override { return pipe_->readable(); }
    Attributes attributes() const override {
        if (fifo)
            return fifo->attributes();
        Attributes result;
        result.type = Type::fifo;
        result.mode = 0600;
        result.number = number_;
        return result;
    }
    std::size_t describe(std::span<char> to) const override {
        return fifo ? 0 : format::print(to, "pipe:[{}]", number_);
    }
    Pipe* pipe() override { return pipe_.get(); }
    Result<Ref<OpenFile>> reopen(std::uint32_t flags) override {
        auto* made = new (std::nothrow) PipeEnd(pipe_, flags & (open_read | open_write | open_nonblock), number_);
        if (!made)
            return fail(Error::no_memory);
        return Ref<OpenFile>::adopt(made);
    }

    Ref<Inode> fifo; // null: a pipe without a name
    Pipe::Arrival arrival;

protected:
    Result<std::size_t> do_read(std::uint64_t, Sink& to) override { return pipe_->read(to, is_nonblocking()); }
    Result<std::size_t> do_write(std::uint64_t&, Source& from) override { return pipe_->write(from, is_nonblocking()); }

private:
    Ref<Pipe> pipe_;
    std::uint64_t number_;
};

std::atomic<std::uint64_t> next_pipe_number{1};

} // namespace

Result<PipeEnds> create_pipe(std::uint32_t flags, std::size_t capacity) {
    Ref<Pipe> pipe = TRY(Pipe::create(capacity));
    flags &= open_nonblock | open_direct;
    std::uint64_t number = next_pipe_number.fetch_add(1, std::memory_order_relaxed);
    auto reader = Ref<OpenFile>::adopt(new (std::nothrow) PipeEnd(pipe, flags | open_read, number));
    auto writer = Ref<OpenFile>::adopt(new (std::nothrow) PipeEnd(pipe, flags | open_write, number));
    if (!reader || !writer)
        return fail(Error::no_memory);
    return PipeEnds{std::move(reader), std::move(writer)};
}

Result<Ref<OpenFile>> open_fifo(Inode& inode, const Path& path, std::uint32_t flags) {
    Ref<Pipe> pipe = TRY(FifoEnds::join(inode));
    if ((flags & (open_write | open_read | open_nonblock)) == (open_write | open_nonblock) && !pipe->has_readers()) {
        FifoEnds::leave(inode);
        return fail(Error::no_device);
    }
    auto* end = new (std::nothrow) PipeEnd(pipe, flags, 0);
    if (!end) {
        FifoEnds::leave(inode);
        return fail(Error::no_memory);
    }
    end->fifo = Ref<Inode>::share(&inode);
    end->path = path;
    auto opened = Ref<OpenFile>::adopt(end);
    if (!(flags & open_nonblock)) {
        if (!(flags & open_write))
            TRY(pipe->wait_for_writer(end->arrival));
        else if (!(flags & open_read))
            TRY(pipe->wait_for_reader(end->arrival));
    }
    return opened;
}

} // namespace file

#include "abi/rtthread/object/channel.hpp"

#include "abi/rtthread/errors.hpp"
#include "abi/rtthread/ticks.hpp"

#include <new>

namespace abi::rtthread {
namespace {

constinit Spinlock channels_lock; // outermost
constinit Channel* channels GUARDED_BY(channels_lock) = nullptr;
constinit std::atomic<unsigned> messages_under_way{0};

} // namespace

/// A message on its way. One that is answered lies on its sender's stack, others are freed by the receiver.
struct Channel::Pending {
    ChannelMessage message;
    Pending* next = nullptr;
    bool wants_answer = false; // its sender waits
    enum class State : std::uint8_t { waiting, answered, dropped } state = State::waiting;
    ChannelMessage answer;
    thread::WaitQueue queue; // the sender alone

    /// Ends the sender's wait. The channel's lock is held.
    void finish(State outcome) {
        state = outcome;
        queue.wake_one();
    }
};

Channel::Channel(std::string_view name) : length_(std::min(name.size(), name_.size())) {
    name.copy(name_.data(), length_);
}

Result<Ref<Channel>> Channel::open(std::string_view name, Opening opening) {
    name = name.substr(0, name_bytes - 1);
    Ref<Channel> fresh;
    if (opening != Opening::existing) {
        fresh = Ref<Channel>::adopt(new (std::nothrow) Channel(name));
        if (!fresh)
            return fail(Error::no_memory);
    }
    Ref<Channel> found;
    SpinlockGuard guard(channels_lock);
    for (Channel* channel = channels; channel && !found; channel = channel->next_)
        if (std::string_view(channel->name_.data(), channel->length_) == name && channel->try_add_reference())
            found = Ref<Channel>::adopt(channel);
    if (found && opening == Opening::create_new)
        return fail(Error::exists);
    if (found)
        return found;
    if (!fresh)
        return fail(Error::not_found);
    fresh->next_ = channels;
    channels = fresh.get();
    return fresh;
}

Channel::~Channel() {
    {
        SpinlockGuard guard(channels_lock);
        for (Channel** link = &channels; *link; link = &(*link)->next_)
            if (*link == this) {
                *link = next_;
                break;
            }
    }
    while (Pending* pending = first_) { // nobody waits any more: senders hold the channel
        first_ = pending->next;
        delete pending;
        messages_under_way.fetch_sub(1, std::memory_order_relaxed);
    }
}

namespace {

/// One of the places for messages. Errors: no_memory.
Result<> take_place(unsigned most) {
    if (messages_under_way.fetch_add(1, std::memory_order_relaxed) < most)
        return {};
    messages_under_way.fetch_sub(1, std::memory_order_relaxed);
    return fail(Error::no_memory);
}

} // namespace

void Channel::enqueue(Pending& pending) {
    (last_ ? last_->next : first_) = &pending;
    last_ = &pending;
    if (Waiter* receiver = receivers_.first())
        receivers_.serve(*receiver); // it takes what is first
    readable_.wake_all();
}

Result<> Channel::send(ChannelMessage&& message) {
    TRY(take_place(max_messages));
    auto* pending = new (std::nothrow) Pending;
    if (!pending) {
        messages_under_way.fetch_sub(1, std::memory_order_relaxed);
        return fail(Error::no_memory);
    }
    pending->message = std::move(message);
    SpinlockGuard guard(lock_);
    enqueue(*pending);
    return {};
}

Result<ChannelMessage> Channel::call(ChannelMessage&& message, std::int32_t timeout) {
    if (timeout == 0)
        return fail(Error::timed_out);
    TRY(take_place(max_messages));
    Pending pending;
    pending.message = std::move(message);
    pending.wants_answer = true;
    Result<> waited;
    {
        SpinlockGuard guard(lock_);
        enqueue(pending);
        const thread::Time deadline = deadline_of(timeout);
        while (pending.state == Pending::State::waiting && waited)
            waited = pending.queue.wait(lock_, deadline);
        if (pending.state == Pending::State::waiting)
            withdraw(pending);
    }
    messages_under_way.fetch_sub(1, std::memory_order_relaxed);
    if (pending.state == Pending::State::answered)
        return std::move(pending.answer);
    if (pending.state == Pending::State::dropped)
        return fail(plain_error);
    return fail(waited.error() == Error::restart ? Error::interrupted : waited.error());
}

void Channel::withdraw(Pending& pending) {
    if (active_ == &pending) {
        active_ = nullptr;
        unanswered_ = true;
        return;
    }
    Pending* previous = nullptr;
    for (Pending* at = first_; at; previous = at, at = at->next) {
        if (at != &pending)
            continue;
        (previous ? previous->next : first_) = at->next;
        if (last_ == at)
            last_ = previous;
        return;
    }
}

void Channel::settle() {
    if (std::exchange(unanswered_, false))
        answering_ = nullptr;
}

/// The first message leaves the queue. One that is to be answered makes the channel busy.
ChannelMessage Channel::accept(Pending& pending, ChannelFile& by) {
    first_ = pending.next;
    if (!first_)
        last_ = nullptr;
    if (pending.wants_answer) {
        active_ = &pending;
        answering_ = &by;
    }
    return std::move(pending.message);
}

Result<ChannelMessage> Channel::receive(ChannelFile& by, std::int32_t timeout) {
    const thread::Time deadline = timeout == 0 ? 0 : deadline_of(timeout);
    Pending* finished = nullptr;
    ChannelMessage message;
    {
        SpinlockGuard guard(lock_);
        settle();
        if (active_)
            return fail(plain_error);
        while (!first_) {
            if (timeout == 0)
                return fail(Error::timed_out);
            Waiter self;
            TRY(receivers_.wait(self, WaitOrder::arrival, lock_, deadline));
            if (active_)
                return fail(plain_error); // another receiver was faster
        }
        Pending& pending = *first_;
        if (!pending.wants_answer)
            finished = &pending;
        message = accept(pending, by);
    }
    if (finished) {
        delete finished;
        messages_under_way.fetch_sub(1, std::memory_order_relaxed);
    }
    return message;
}

Result<> Channel::reply(ChannelMessage&& message) {
    SpinlockGuard guard(lock_);
    settle();
    if (!active_)
        return fail(plain_error);
    Pending& pending = *std::exchange(active_, nullptr);
    answering_ = nullptr;
    pending.answer = std::move(message);
    pending.finish(Pending::State::answered);
    return {};
}

ChannelFile* ChannelFile::from(file::OpenFile& file) {
    std::array<char, 32> text;
    const std::string_view said(text.data(), file.path ? 0 : file.describe(text));
    return said.ends_with(channel_kind) && said.starts_with("anon_inode:") ? static_cast<ChannelFile*>(&file) : nullptr;
}

std::uint32_t Channel::poll(file::Poller* poller) {
    if (poller)
        poller->listen(readable_);
    SpinlockGuard guard(lock_);
    return (first_ && !active_ ? file::event_readable : 0u) | file::event_writable;
}

void Channel::file_gone(ChannelFile& file) {
    SpinlockGuard guard(lock_);
    if (answering_ != &file)
        return;
    answering_ = nullptr;
    unanswered_ = false;
    if (Pending* pending = std::exchange(active_, nullptr))
        pending->finish(Pending::State::dropped);
}

} // namespace abi::rtthread

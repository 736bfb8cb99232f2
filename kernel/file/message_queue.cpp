#include "file/message_queue.hpp"

#include "process/send.hpp"
#include "process/table.hpp"

#include <boost/intrusive/set.hpp>
#include <cstring>
#include <new>

namespace file {

namespace {

/// What all queues together may hold, and how many there may be.
constexpr std::uint64_t max_total_bytes = 16u << 20;
constexpr unsigned max_queues = 256;
constexpr std::size_t max_name = 255;

struct Message {
    Message(std::uint32_t of, std::byte* data, std::size_t size) : priority(of), text(data), bytes(size) {}
    Message(const Message&) = delete;
    ~Message() { delete[] text; }

    boost::intrusive::set_member_hook<> hook;
    const std::uint32_t priority;
    std::byte* const text;
    const std::size_t bytes;

    bool operator<(const Message& other) const { return priority > other.priority; } // the highest comes first
};

} // namespace

class MessageQueue : public RefCounted<MessageQueue> {
public:
    MessageQueue(std::string_view name, const QueueRoom& room);
    MessageQueue(const MessageQueue&) = delete;
    ~MessageQueue();

    std::string_view name() const { return {name_, name_bytes_}; }
    Result<> send(Message* message, bool nonblocking, thread::Time deadline) EXCLUDES(lock);
    /// Takes a message out but keeps its place: then give_place() or put_back().
    Result<Message*> take(bool nonblocking, thread::Time deadline) EXCLUDES(lock);
    void give_place() EXCLUDES(lock);
    void put_back(Message& message) EXCLUDES(lock);

    const QueueRoom room;
    thread::WaitQueue readers, writers;
    mutable Spinlock lock;                          // never held over a copy
    std::uint32_t places_used GUARDED_BY(lock) = 0; // by messages in the queue, and by those on their way out
    MessageQueueFile::Notice notice GUARDED_BY(lock);

    MessageQueue* next = nullptr; // in the table of names

    std::uint32_t count() const EXCLUDES(lock) {
        SpinlockGuard guard(lock);
        return static_cast<std::uint32_t>(messages_.size());
    }
    bool empty() const REQUIRES(lock) { return messages_.empty(); }

private:
    using Messages = boost::intrusive::multiset<
        Message, boost::intrusive::member_hook<Message, boost::intrusive::set_member_hook<>, &Message::hook>>;

    char name_[max_name];
    const std::size_t name_bytes_;
    Messages messages_ GUARDED_BY(lock);
    unsigned waiting_readers_ GUARDED_BY(lock) = 0;
};

namespace {

thread::Mutex table_lock;
/// The queues that have a name, through MessageQueue::next; each holds a reference.
constinit MessageQueue* named GUARDED_BY(table_lock) = nullptr;
constinit unsigned named_count GUARDED_BY(table_lock) = 0;
constinit std::atomic<std::uint64_t> total_bytes{0};

/// What a full queue takes.
std::uint64_t bytes_of(const QueueRoom& room) {
    constexpr std::uint64_t beside_text = 128; // the message itself, and what its two allocations round up to
    return room.messages * (room.message_bytes + beside_text);
}

/// The place that leads to the queue of that name, or to the list's end.
MessageQueue** find_locked(std::string_view name) REQUIRES(table_lock) {
    MessageQueue** link = &named;
    while (*link && (*link)->name() != name)
        link = &(*link)->next;
    return link;
}

Result<> check_name(std::string_view name) {
    if (name.empty())
        return fail(Error::invalid_argument);
    if (name.size() > max_name)
        return fail(Error::name_too_long);
    return name.find('/') == std::string_view::npos ? Result<>() : fail(Error::access_denied);
}

/// A queue that nobody knows yet.
Result<Ref<MessageQueue>> make_queue(std::string_view name, const QueueRoom& room) {
    if (room.messages == 0 || room.message_bytes == 0)
        return fail(Error::invalid_argument);
    const std::uint64_t bytes = bytes_of(room);
    if (bytes > max_total_bytes)
        return fail(Error::no_memory);
    Ref<MessageQueue> made;
    if (total_bytes.fetch_add(bytes) + bytes <= max_total_bytes)
        made = Ref<MessageQueue>::adopt(new (std::nothrow) MessageQueue(name, room));
    if (!made) {
        total_bytes.fetch_sub(bytes);
        return fail(Error::no_memory);
    }
    return made;
}

} // namespace

MessageQueue::MessageQueue(std::string_view name, const QueueRoom& of) : room(of), name_bytes_(name.size()) {
    std::memcpy(name_, name.data(), name.size());
}

MessageQueue::~MessageQueue() NO_THREAD_SAFETY_ANALYSIS { // nobody else knows it any more
    messages_.clear_and_dispose([](Message* message) { delete message; });
    total_bytes.fetch_sub(bytes_of(room));
}

Result<> MessageQueue::send(Message* message, bool nonblocking, thread::Time deadline) {
    MessageQueueFile::Notice told;
    {
        SpinlockGuard guard(lock);
        while (places_used == room.messages) {
            if (nonblocking)
                return fail(Error::would_block);
            TRY(writers.wait(lock, deadline));
        }
        ++places_used;
        if (messages_.empty() && waiting_readers_ == 0)
            told = std::exchange(notice, {});
        messages_.insert(*message);
        readers.wake_one();
    }
    if (told.info.signal != process::Signal::none)
        if (const Ref<process::Process> process = process::find_process(told.process))
            process::send(*process, told.info);
    return {};
}

Result<Message*> MessageQueue::take(bool nonblocking, thread::Time deadline) {
    SpinlockGuard guard(lock);
    while (messages_.empty()) {
        if (nonblocking)
            return fail(Error::would_block);
        ++waiting_readers_;
        const auto waited = readers.wait(lock, deadline);
        --waiting_readers_;
        TRY(waited);
    }
    Message& message = *messages_.begin();
    messages_.erase(messages_.begin());
    return &message;
}

void MessageQueue::give_place() {
    SpinlockGuard guard(lock);
    --places_used;
    writers.wake_one();
}

void MessageQueue::put_back(Message& message) {
    SpinlockGuard guard(lock);
    messages_.insert_before(messages_.lower_bound(message), message);
    readers.wake_one();
}

MessageQueueFile::MessageQueueFile(Ref<MessageQueue> queue, std::uint32_t flags)
    : AnonymousFile(Positioning::stream, flags, "[mqueue]"), queue_(std::move(queue)) {}

MessageQueueFile::~MessageQueueFile() = default;

Result<> MessageQueueFile::send(Source& from, std::uint32_t priority, thread::Time deadline) {
    if (!can_write())
        return fail(Error::bad_descriptor);
    if (priority > max_priority)
        return fail(Error::invalid_argument);
    const std::size_t bytes = from.remaining();
    if (bytes > queue_->room.message_bytes)
        return fail(Error::too_big);
    auto* text = new (std::nothrow) std::byte[bytes + 1]; // an empty one has memory as well
    auto* message = text ? new (std::nothrow) Message(priority, text, bytes) : nullptr;
    if (!message) {
        delete[] text;
        return fail(Error::no_memory);
    }
    const auto sent = from.take(text, bytes) == bytes ? queue_->send(message, is_nonblocking(), deadline)
                                                      : Result<>(fail(Error::bad_address));
    if (!sent)
        delete message;
    return sent;
}

Result<MessageQueueFile::Received> MessageQueueFile::receive(Sink& to, thread::Time deadline) {
    if (!can_read())
        return fail(Error::bad_descriptor);
    if (to.remaining() < queue_->room.message_bytes)
        return fail(Error::too_big);
    Message* message = TRY(queue_->take(is_nonblocking(), deadline));
    if (to.put(message->text, message->bytes) != message->bytes) {
        queue_->put_back(*message);
        return fail(Error::bad_address);
    }
    const Received received{message->bytes, message->priority};
    delete message;
    queue_->give_place();
    return received;
}

QueueRoom MessageQueueFile::room() const {
    return queue_->room;
}

std::uint32_t MessageQueueFile::count() const {
    return queue_->count();
}

Result<> MessageQueueFile::request_notice(const Notice& notice) {
    SpinlockGuard guard(queue_->lock);
    if (queue_->notice.process != 0)
        return fail(Error::busy);
    queue_->notice = notice;
    return {};
}

void MessageQueueFile::withdraw_notice(process::Id process) {
    SpinlockGuard guard(queue_->lock);
    if (queue_->notice.process == process)
        queue_->notice = {};
}

void MessageQueueFile::descriptor_closed() {
    if (process::Process* self = thread::current().process)
        withdraw_notice(self->id);
}

std::uint32_t MessageQueueFile::poll(Poller* poller) {
    if (poller) {
        poller->listen(queue_->readers);
        poller->listen(queue_->writers);
    }
    SpinlockGuard guard(queue_->lock);
    return (queue_->empty() ? 0u : event_readable)
           | (queue_->places_used < queue_->room.messages ? event_writable : 0u);
}

Result<Ref<OpenFile>> open_message_queue(const OpenQueue& how) {
    TRY(check_name(how.name));
    Ref<MessageQueue> queue, fresh;
    if (how.create) {
        auto made = make_queue(how.name, how.room);
        if (made)
            fresh = std::move(*made);
        else if (made.error() != Error::no_memory) // one that is there needs none
            return fail(made.error());
    }
    {
        thread::MutexGuard guard(table_lock);
        queue = Ref<MessageQueue>::share(*find_locked(how.name));
        if (queue && how.create && how.exclusive)
            return fail(Error::exists);
        if (!queue && !fresh)
            return fail(how.create ? Error::no_memory : Error::not_found);
        if (!queue) {
            if (named_count == max_queues)
                return fail(Error::no_space);
            queue = std::move(fresh);
            queue->add_reference();
            queue->next = std::exchange(named, queue.get());
            ++named_count;
        }
    }
    auto opened = Ref<OpenFile>::adopt(new (std::nothrow) MessageQueueFile(std::move(queue), how.flags));
    if (!opened)
        return fail(Error::no_memory);
    return opened;
}

Result<> unlink_message_queue(std::string_view name) {
    Ref<MessageQueue> gone;
    thread::MutexGuard guard(table_lock);
    MessageQueue** link = find_locked(name);
    if (!*link)
        return fail(Error::not_found);
    gone = Ref<MessageQueue>::adopt(*link);
    *link = gone->next;
    --named_count;
    return {};
}

} // namespace file

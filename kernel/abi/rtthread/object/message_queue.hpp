#pragma once
// Message queues: messages of up to a fixed size in order, a fixed number of places.

#include "abi/rtthread/object/waiters.hpp"
#include "memory/user_ptr.hpp"

#include <boost/intrusive/slist.hpp>

namespace abi::rtthread {

class MessageQueue final : public Object {
public:
    static constexpr Kind object_kind = Kind::message_queue;
    static constexpr std::size_t max_message = 65535, max_messages = 65535, max_bytes = 16u << 20;

    /// Errors: invalid_argument (a size or count of 0 or too large), no_memory.
    static Result<Ref<MessageQueue>>
    create(std::string_view name, std::size_t message_bytes, std::size_t messages, WaitOrder order);
    ~MessageQueue() override;

    /// Never waits. `urgent`: to the front. Errors: full, plain_error (larger than a message, or empty, or deleted),
    /// bad_address.
    Result<> send(memory::ConstUserBytes message, bool urgent) EXCLUDES(lock_);
    /// Copies at most to.size() bytes; returns how many. Errors: timed_out, interrupted, plain_error (deleted, or no
    /// room at all), bad_address (the message stays).
    Result<std::size_t> receive(memory::UserBytes to, std::int32_t timeout) EXCLUDES(lock_);
    void close() override EXCLUDES(lock_);

private:
    struct Message {
        boost::intrusive::slist_member_hook<> hook;
        std::size_t bytes = 0;
        std::byte* data() { return reinterpret_cast<std::byte*>(this + 1); }
    };
    using List = boost::intrusive::slist<
        Message, boost::intrusive::member_hook<Message, boost::intrusive::slist_member_hook<>, &Message::hook>,
        boost::intrusive::cache_last<true>>;

    MessageQueue(std::string_view name, std::byte* storage, std::size_t message_bytes, WaitOrder order)
        : Object(object_kind, name), storage_(storage), message_bytes_(message_bytes), order_(order) {}
    /// Of a queue that nobody else knows yet.
    void add_places(std::size_t step, std::size_t messages);
    /// To a receiver that waits, or into the queue.
    void put(Message& message, bool urgent) REQUIRES(lock_);
    Result<Message*> take(std::int32_t timeout) EXCLUDES(lock_);

    std::byte* const storage_; // all messages
    const std::size_t message_bytes_;
    Spinlock lock_; // not held over copies: a message in neither list belongs to one thread
    const WaitOrder order_;
    bool closed_ GUARDED_BY(lock_) = false;
    List free_ GUARDED_BY(lock_), queued_ GUARDED_BY(lock_);
    Waiters receivers_ GUARDED_BY(lock_);
};

} // namespace abi::rtthread

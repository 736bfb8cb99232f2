#include "abi/rtthread/object/message_queue.hpp"

#include "abi/rtthread/errors.hpp"
#include "abi/rtthread/ticks.hpp"
#include "lib/address.hpp"

#include <new>

namespace abi::rtthread {

Result<Ref<MessageQueue>>
MessageQueue::create(std::string_view name, std::size_t message_bytes, std::size_t messages, WaitOrder order) {
    if (message_bytes == 0 || message_bytes > max_message || messages == 0 || messages > max_messages)
        return fail(Error::invalid_argument);
    const std::size_t step = align_up(sizeof(Message) + message_bytes, alignof(Message));
    if (step * messages > max_bytes)
        return fail(Error::no_memory);
    auto* storage = new (std::nothrow) std::byte[step * messages];
    auto* queue = storage ? new (std::nothrow) MessageQueue(name, storage, message_bytes, order) : nullptr;
    if (!queue) {
        delete[] storage;
        return fail(Error::no_memory);
    }
    queue->add_places(step, messages);
    return Ref<MessageQueue>::adopt(queue);
}

void MessageQueue::add_places(std::size_t step, std::size_t messages) NO_THREAD_SAFETY_ANALYSIS {
    for (std::size_t i = 0; i < messages; ++i)
        free_.push_back(*new (storage_ + i * step) Message);
}

MessageQueue::~MessageQueue() NO_THREAD_SAFETY_ANALYSIS { // nobody else knows it any more
    free_.clear();                                        // the lists' links lie in the storage
    queued_.clear();
    delete[] storage_;
}

void MessageQueue::put(Message& message, bool urgent) {
    if (Waiter* receiver = receivers_.first()) {
        receiver->message = &message;
        receivers_.serve(*receiver);
    } else if (urgent) {
        queued_.push_front(message);
    } else {
        queued_.push_back(message);
    }
}

Result<> MessageQueue::send(memory::ConstUserBytes message, bool urgent) {
    if (message.size() == 0 || message.size() > message_bytes_)
        return fail(plain_error);
    Message* place = nullptr;
    {
        SpinlockGuard guard(lock_);
        if (closed_)
            return fail(plain_error);
        if (free_.empty())
            return fail(full);
        place = &free_.front();
        free_.pop_front();
    }
    const auto copied = message.read({place->data(), message.size()});
    place->bytes = message.size();
    SpinlockGuard guard(lock_);
    if (copied && !closed_)
        put(*place, urgent);
    else
        free_.push_front(*place);
    return copied;
}

Result<MessageQueue::Message*> MessageQueue::take(std::int32_t timeout) {
    SpinlockGuard guard(lock_);
    if (closed_)
        return fail(plain_error);
    if (!queued_.empty()) {
        Message& message = queued_.front();
        queued_.pop_front();
        return &message;
    }
    if (timeout == 0)
        return fail(Error::timed_out);
    Waiter self;
    TRY(receivers_.wait(self, order_, lock_, deadline_of(timeout)));
    return static_cast<Message*>(self.message);
}

Result<std::size_t> MessageQueue::receive(memory::UserBytes to, std::int32_t timeout) {
    if (to.size() == 0)
        return fail(plain_error);
    Message* message = TRY(take(timeout));
    const std::size_t bytes = std::min(message->bytes, to.size());
    const auto copied = to.write({message->data(), bytes});
    SpinlockGuard guard(lock_);
    if (!copied) {
        put(*message, true);
        return fail(copied.error());
    }
    free_.push_front(*message);
    return bytes;
}

void MessageQueue::close() {
    SpinlockGuard guard(lock_);
    closed_ = true;
    receivers_.close();
}

} // namespace abi::rtthread

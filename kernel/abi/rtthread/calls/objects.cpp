#include "abi/rtthread/calls/objects.hpp"

#include "abi/rtthread/calls/creation.hpp"
#include "abi/rtthread/object/event.hpp"
#include "abi/rtthread/object/mailbox.hpp"
#include "abi/rtthread/object/message_queue.hpp"
#include "abi/rtthread/object/mutex.hpp"

#include <new>

namespace abi::rtthread {
namespace {

/// Created objects of kinds whose create() may refuse.
template <typename T>
std::uint64_t hand_out_made(thread::Thread& thread, Result<Ref<T>> made) {
    return made ? hand_out(thread, Ref<Object>(std::move(*made))) : 0;
}

} // namespace

// Mutexes. The flag is not looked at: waiters stand by priority, as the original has it.

Result<Handle> sys_mutex_create(thread::Thread& thread, memory::UserString name, std::uint8_t) {
    ObjectName text;
    if (!text.read(name))
        return 0;
    return hand_out(thread, Ref<Mutex>::adopt(new (std::nothrow) Mutex(text.text())));
}

Result<> sys_mutex_delete(thread::Thread& thread, Handle handle) {
    return delete_object(thread, handle, Object::Kind::mutex);
}

Result<> sys_mutex_take(thread::Thread& thread, Handle handle, std::int32_t timeout) {
    const auto mutex = find<Mutex>(thread, handle);
    if (!mutex)
        return fail(mutex.error());
    return (*mutex)->take(thread, timeout);
}

Result<> sys_mutex_release(thread::Thread& thread, Handle handle) {
    const auto mutex = find<Mutex>(thread, handle);
    if (!mutex)
        return fail(mutex.error());
    return (*mutex)->release(thread);
}

// Events

Result<Handle> sys_event_create(thread::Thread& thread, memory::UserString name, std::uint8_t order) {
    ObjectName text;
    if (!text.read(name))
        return 0;
    return hand_out(thread, Ref<Event>::adopt(new (std::nothrow) Event(text.text(), wait_order(order))));
}

Result<> sys_event_delete(thread::Thread& thread, Handle handle) {
    return delete_object(thread, handle, Object::Kind::event);
}

Result<> sys_event_send(thread::Thread& thread, Handle handle, std::uint32_t set) {
    return TRY(find<Event>(thread, handle))->send(set);
}

Result<> sys_event_recv(
    thread::Thread& thread, Handle handle, std::uint32_t set, std::uint8_t option, std::int32_t timeout,
    memory::UserPtr<std::uint32_t> received) {
    const Ref<Event> event = TRY(find<Event>(thread, handle));
    // Events that are taken must arrive: an address that cannot be written is refused before.
    if (received)
        TRY(received.write(0));
    const std::uint32_t found = TRY(event->receive(set, option, timeout));
    return received ? received.write(found) : Result<>();
}

// Mailboxes

Result<Handle>
sys_mb_create(thread::Thread& thread, memory::UserString name, std::uint64_t places, std::uint8_t order) {
    ObjectName text;
    if (!text.read(name))
        return 0;
    return hand_out_made(thread, Mailbox::create(text.text(), places, wait_order(order)));
}

Result<> sys_mb_delete(thread::Thread& thread, Handle handle) {
    return delete_object(thread, handle, Object::Kind::mailbox);
}

Result<> sys_mb_send(thread::Thread& thread, Handle handle, std::uint64_t word) {
    return TRY(find<Mailbox>(thread, handle))->send(word, 0);
}

Result<> sys_mb_send_wait(thread::Thread& thread, Handle handle, std::uint64_t word, std::int32_t timeout) {
    return TRY(find<Mailbox>(thread, handle))->send(word, timeout);
}

Result<> sys_mb_recv(thread::Thread& thread, Handle handle, memory::UserPtr<std::uint64_t> word, std::int32_t timeout) {
    const Ref<Mailbox> mailbox = TRY(find<Mailbox>(thread, handle));
    TRY(word.write(0)); // before a word is taken that could not be delivered
    return word.write(TRY(mailbox->receive(timeout)));
}

// Message queues

Result<Handle> sys_mq_create(
    thread::Thread& thread, memory::UserString name, std::uint64_t message_bytes, std::uint64_t messages,
    std::uint8_t order) {
    ObjectName text;
    if (!text.read(name))
        return 0;
    return hand_out_made(thread, MessageQueue::create(text.text(), message_bytes, messages, wait_order(order)));
}

Result<> sys_mq_delete(thread::Thread& thread, Handle handle) {
    return delete_object(thread, handle, Object::Kind::message_queue);
}

Result<> sys_mq_send(thread::Thread& thread, Handle handle, memory::ConstUserBytes message) {
    return TRY(find<MessageQueue>(thread, handle))->send(message, false);
}

Result<> sys_mq_urgent(thread::Thread& thread, Handle handle, memory::ConstUserBytes message) {
    return TRY(find<MessageQueue>(thread, handle))->send(message, true);
}

Result<std::size_t>
sys_mq_recv(thread::Thread& thread, Handle handle, memory::UserBytes message, std::int32_t timeout) {
    const std::size_t bytes = TRY(TRY(find<MessageQueue>(thread, handle))->receive(message, timeout));
    return generation_of(thread) == Generation::newest ? bytes : 0;
}

} // namespace abi::rtthread

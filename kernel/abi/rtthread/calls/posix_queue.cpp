#include "abi/rtthread/calls/posix_queue.hpp"

#include "abi/rtthread/paths.hpp"
#include "file/message_queue.hpp"

#include <limits>

namespace abi::rtthread {
namespace {

using file::MessageQueueFile;
using memory::UserPtr;

/// A queue and the reference that keeps it.
struct OpenedQueue {
    Ref<file::OpenFile> file;
    MessageQueueFile* operator->() const { return file->message_queue(); }
};

/// Errors: bad_descriptor (also of what is no queue).
Result<OpenedQueue> open_queue(Descriptor descriptor) {
    OpenedQueue queue{TRY(open_file(descriptor))};
    return queue.file->message_queue() ? Result<OpenedQueue>(std::move(queue)) : fail(Error::bad_descriptor);
}

/// Errors: invalid_argument (nothing, or more than 32 bits).
Result<std::uint32_t> to_room(std::int64_t wanted) {
    if (wanted <= 0 || wanted > std::numeric_limits<std::uint32_t>::max())
        return fail(Error::invalid_argument);
    return static_cast<std::uint32_t>(wanted);
}

Result<thread::Time> to_deadline(UserPtr<const Timespec> until) {
    return until ? date_to_deadline(TRY(to_time(TRY(until.read())))) : thread::never;
}

QueueAttributes attributes_of(const MessageQueueFile& queue) {
    const file::QueueRoom room = queue.room();
    return {
        .flags = queue.is_nonblocking() ? open_nonblock_bit : 0,
        .messages = room.messages,
        .message_bytes = room.message_bytes,
        .count = queue.count(),
        .unused = {}};
}

/// What a transfer answers: -EMSGSIZE has no name among the shared errors, and a call that a signal ended is not made
/// again.
Result<std::int64_t> answer(thread::Thread& thread, const Result<std::int64_t>& result) {
    constexpr std::int32_t message_size = 90;
    if (result || (result.error() != Error::too_big && result.error() != Error::restart))
        return result;
    if (result.error() == Error::restart)
        return fail(Error::interrupted);
    remember_error(thread, message_size);
    return -message_size;
}

} // namespace

Result<Descriptor>
sys_mq_open(memory::UserString name, Flags flags, FileMode, UserPtr<const QueueAttributes> attributes) {
    PathArgument text;
    TRY(text.read(name));
    file::OpenQueue how{
        .name = text.text(),
        .flags = to_open_flags(flags.bits & (3u | open_nonblock_bit)),
        .create = (flags.bits & open_create_bit) != 0,
        .exclusive = (flags.bits & open_exclusive_bit) != 0};
    if (how.create && attributes) {
        const QueueAttributes wanted = TRY(attributes.read());
        how.room = {.messages = TRY(to_room(wanted.messages)), .message_bytes = TRY(to_room(wanted.message_bytes))};
    }
    return add_descriptor(TRY(file::open_message_queue(how)), flags.bits & open_close_on_exec_bit);
}

Result<> sys_mq_unlink(memory::UserString name) {
    PathArgument text;
    TRY(text.read(name));
    return file::unlink_message_queue(text.text());
}

Result<std::int64_t> sys_mq_timedsend(
    thread::Thread& thread, Descriptor descriptor, UserAddr message, std::uint64_t bytes, std::uint32_t priority,
    UserPtr<const Timespec> until) {
    const thread::Time deadline = TRY(to_deadline(until));
    const OpenedQueue queue = TRY(open_queue(descriptor));
    file::Source from(message, bytes);
    return answer(thread, queue->send(from, priority, deadline).transform([] { return std::int64_t{0}; }));
}

Result<std::int64_t> sys_mq_timedreceive(
    thread::Thread& thread, Descriptor descriptor, UserAddr message, std::uint64_t bytes,
    UserPtr<std::uint32_t> priority, UserPtr<const Timespec> until) {
    const thread::Time deadline = TRY(to_deadline(until));
    const OpenedQueue queue = TRY(open_queue(descriptor));
    file::Sink to(message, bytes);
    const auto received = queue->receive(to, deadline);
    if (!received)
        return answer(thread, fail(received.error()));
    if (priority)
        TRY(priority.write(received->priority));
    return static_cast<std::int64_t>(received->bytes);
}

Result<> sys_mq_notify(thread::Thread& thread, Descriptor descriptor, UserPtr<const EventRecord> event) {
    constexpr std::int32_t notify_signal = 0, notify_none = 1;
    const OpenedQueue queue = TRY(open_queue(descriptor));
    const process::Process& self = *thread.process;
    if (!event) {
        queue->withdraw_notice(self.id);
        return {};
    }
    const EventRecord wanted = TRY(event.read());
    MessageQueueFile::Notice notice{.process = self.id, .info = {}};
    if (wanted.notify == notify_signal) {
        if (wanted.signal < 1 || wanted.signal > static_cast<std::int32_t>(process::signal_count))
            return fail(Error::invalid_argument);
        constexpr std::int32_t message_arrived = -3; // SI_MESGQ
        notice.info = {
            .signal = static_cast<process::Signal>(wanted.signal),
            .source = process::SignalSource::queued,
            .code = message_arrived,
            .value = wanted.value};
    } else if (wanted.notify != notify_none) {
        return fail(Error::invalid_argument);
    }
    return queue->request_notice(notice);
}

Result<>
sys_mq_getsetattr(Descriptor descriptor, UserPtr<const QueueAttributes> wanted, UserPtr<QueueAttributes> former) {
    const OpenedQueue queue = TRY(open_queue(descriptor));
    const QueueAttributes old = attributes_of(*queue.file->message_queue());
    if (wanted) {
        const QueueAttributes next = TRY(wanted.read());
        if (next.flags & ~std::int64_t{open_nonblock_bit})
            return fail(Error::invalid_argument);
        queue->set_status_flags(next.flags ? static_cast<std::uint32_t>(file::open_nonblock) : 0u);
    }
    return former ? former.write(old) : Result<>();
}

Result<> sys_mq_close(Descriptor descriptor) {
    TRY(open_queue(descriptor));
    return process::current().files->close(descriptor.value);
}

} // namespace abi::rtthread

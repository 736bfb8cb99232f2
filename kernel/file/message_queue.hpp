#pragma once
// Message queues with names (POSIX.1-2017, mq_open() and its like): messages with priorities, the highest first and the
// oldest first among equals. A queue lives until it is unlinked and nobody has it open.

#include "file/open_file.hpp"
#include "process/signal.hpp"

namespace file {

class MessageQueue;

/// What a queue has room for.
struct QueueRoom {
    std::uint32_t messages = 10;
    std::uint32_t message_bytes = 8192;
};

class MessageQueueFile final : public AnonymousFile {
public:
    static constexpr std::uint32_t max_priority = 32767; // MQ_PRIO_MAX - 1

    /// What a process that asked is told when a message comes into the empty queue and nobody waits for one.
    struct Notice {
        process::Id process = 0;
        process::SignalInfo info; // signal none: nothing is sent, but the request is used up
    };
    struct Received {
        std::size_t bytes;
        std::uint32_t priority;
    };

    MessageQueueFile(Ref<MessageQueue> queue, std::uint32_t flags);
    ~MessageQueueFile() override;

    /// All of `from` as one message. Errors: bad_descriptor (not open for that), too_big, invalid_argument
    /// (the priority), would_block (full and nonblocking), timed_out, restart, bad_address, no_memory.
    Result<> send(Source& from, std::uint32_t priority, thread::Time deadline);
    /// Errors: bad_descriptor, too_big (`to` is smaller than the largest message), would_block, timed_out,
    /// restart, bad_address (the message stays).
    Result<Received> receive(Sink& to, thread::Time deadline);
    QueueRoom room() const;
    /// Messages in it.
    std::uint32_t count() const;
    /// One request at a time, used up by one message. Errors: busy (there is one).
    Result<> request_notice(const Notice& notice);
    /// Takes the request of that process back, if it has made it.
    void withdraw_notice(process::Id process);

    std::uint32_t poll(Poller* poller) override;
    MessageQueueFile* message_queue() override { return this; }
    void descriptor_closed() override;

private:
    const Ref<MessageQueue> queue_;
};

/// `create`: the queue is made when there is none with that name, with `room`; `exclusive`: it must not be there.
struct OpenQueue {
    std::string_view name;   // without a slash
    std::uint32_t flags = 0; // open_read, open_write, open_nonblock
    bool create = false;
    bool exclusive = false;
    QueueRoom room{};
};
/// Errors: not_found, exists, invalid_argument (no name, or no room), access_denied (a slash in the name),
/// name_too_long, no_space (too many queues), no_memory (all queues together have room for too much).
Result<Ref<OpenFile>> open_message_queue(const OpenQueue& how);
/// The name goes; who has the queue open keeps it. Errors: not_found.
Result<> unlink_message_queue(std::string_view name);

} // namespace file

#pragma once
// Channels: messages between processes, each answered before the next is taken. A channel has a name, lives while files
// of it are open, and is used through those.

#include "abi/rtthread/object/waiters.hpp"
#include "file/open_file.hpp"

namespace abi::rtthread {

class ChannelFile;

/// A message as it travels. Words are the program's own; an open file is carried as such.
struct ChannelMessage {
    enum class Type : std::int32_t { raw = 0, buffer = 1, descriptor = 2 };
    std::uint64_t sender = 0;
    Type type = Type::raw;
    std::uint64_t first = 0, second = 0; // the union's words
    Ref<file::OpenFile> file;            // descriptor
};

class Channel final : public RefCounted<Channel> {
public:
    static constexpr std::size_t name_bytes = Object::name_bytes;
    static constexpr unsigned max_messages = 1024; // under way in all channels together (RT_CH_MSG_MAX_NR)

    enum class Opening : std::uint8_t { existing, create, create_new };
    /// Errors: not_found, exists, no_memory.
    static Result<Ref<Channel>> open(std::string_view name, Opening opening);
    ~Channel();

    /// Does not wait. Errors: no_memory (max_messages).
    Result<> send(ChannelMessage&& message) EXCLUDES(lock_);
    /// Waits until answered. Errors: no_memory, timed_out, interrupted, plain_error (the receiver closed the channel).
    Result<ChannelMessage> call(ChannelMessage&& message, std::int32_t timeout) EXCLUDES(lock_);
    /// Errors: plain_error (the last message is not answered yet), timed_out, interrupted.
    Result<ChannelMessage> receive(ChannelFile& by, std::int32_t timeout) EXCLUDES(lock_);
    /// Errors: plain_error (nobody waits for an answer).
    Result<> reply(ChannelMessage&& message) EXCLUDES(lock_);

    std::uint32_t poll(file::Poller* poller) EXCLUDES(lock_);
    /// A file of the channel goes: whom it was to answer is told.
    void file_gone(ChannelFile& file) EXCLUDES(lock_);

private:
    struct Pending;

    explicit Channel(std::string_view name);
    /// To the receiver that waits, or to the queue's end.
    void enqueue(Pending& pending) REQUIRES(lock_);
    ChannelMessage accept(Pending& pending, ChannelFile& by) REQUIRES(lock_);
    /// Its sender gives up: it is taken out of where it stands.
    void withdraw(Pending& pending) REQUIRES(lock_);
    /// The receiver forgets a message whose sender gave up.
    void settle() REQUIRES(lock_);

    std::array<char, name_bytes - 1> name_{};
    std::size_t length_;
    Channel* next_ = nullptr; // in the list of all

    Spinlock lock_;
    Pending* first_ GUARDED_BY(lock_) = nullptr; // not received yet, in order
    Pending* last_ GUARDED_BY(lock_) = nullptr;
    Pending* active_ GUARDED_BY(lock_) = nullptr;        // received, waits for its answer
    ChannelFile* answering_ GUARDED_BY(lock_) = nullptr; // who received it
    bool unanswered_ GUARDED_BY(lock_) = false;          // active_'s sender gave up: the next reply is refused
    Waiters receivers_ GUARDED_BY(lock_);
    thread::WaitQueue readable_; // for poll()
};

/// How a channel's file describes itself (AnonymousFile::describe); no other file says so.
inline constexpr const char* channel_kind = "[channel]";

/// A channel's descriptor.
class ChannelFile final : public file::AnonymousFile {
public:
    explicit ChannelFile(Ref<Channel> of)
        : AnonymousFile(file::Positioning::stream, file::open_read | file::open_write, channel_kind),
          channel(std::move(of)) {}
    ~ChannelFile() override { channel->file_gone(*this); }

    std::uint32_t poll(file::Poller* poller) override { return channel->poll(poller); }
    /// Null: another kind of file.
    static ChannelFile* from(file::OpenFile& file);

    const Ref<Channel> channel;
};

} // namespace abi::rtthread

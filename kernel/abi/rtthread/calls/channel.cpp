#include "abi/rtthread/calls/channel.hpp"

#include "abi/rtthread/calls/creation.hpp"
#include "abi/rtthread/object/channel.hpp"
#include "abi/rtthread/paths.hpp"

#include <new>

namespace abi::rtthread {
namespace {

/// struct rt_channel_msg.
struct MessageRecord {
    std::uint64_t sender;
    std::int32_t type, padding;
    std::uint64_t first;  // buffer address, file, or the word itself
    std::uint64_t second; // buffer length, or descriptor
};

/// Keeps the file, and with it the channel.
struct OpenChannel {
    Ref<file::OpenFile> opened;
    ChannelFile& file() const { return static_cast<ChannelFile&>(*opened); }
    Channel& operator*() const { return *file().channel; }
    Channel* operator->() const { return file().channel.get(); }
};

/// Errors: plain_error (no descriptor, or not of a channel).
Result<OpenChannel> channel_of(Descriptor descriptor) {
    auto opened = open_file(descriptor);
    if (!opened || !ChannelFile::from(**opened))
        return fail(plain_error);
    return OpenChannel{std::move(*opened)};
}

/// The sender as the original shows it, a word in the form of a kernel address.
std::uint64_t sender_word(const thread::Thread& thread) {
    return 0xffff'0000'0000'0000 | std::uint64_t{thread.id} << 12;
}

/// Errors: bad_address, invalid_argument (an unknown type), plain_error (a descriptor that is none).
Result<ChannelMessage> read_message(const thread::Thread& thread, UserAddr from) {
    const MessageRecord record = TRY(memory::UserPtr<const MessageRecord>(from).read());
    if (record.type < 0 || record.type > static_cast<std::int32_t>(ChannelMessage::Type::descriptor))
        return fail(Error::invalid_argument);
    ChannelMessage message{
        .sender = sender_word(thread),
        .type = static_cast<ChannelMessage::Type>(record.type),
        .first = record.first,
        .second = record.second,
        .file = {}};
    if (message.type == ChannelMessage::Type::descriptor) {
        auto file = open_file({static_cast<std::int32_t>(record.second)});
        if (!file)
            return fail(plain_error);
        message.file = std::move(*file);
    }
    return message;
}

/// Errors: bad_address, plain_error (no free descriptor).
Result<> write_message(UserAddr to, ChannelMessage&& message) {
    MessageRecord record{
        .sender = message.sender,
        .type = static_cast<std::int32_t>(message.type),
        .padding = 0,
        .first = message.first,
        .second = message.second};
    if (message.file) {
        const auto descriptor = add_descriptor(std::move(message.file));
        if (!descriptor)
            return fail(plain_error);
        record.first = 0;
        record.second = static_cast<std::uint32_t>(descriptor->value);
    }
    return memory::UserPtr<MessageRecord>(to).write(record);
}

/// Errors: bad_address: a message would be lost on it.
Result<> check_writable(UserAddr to) {
    const MessageRecord record = TRY(memory::UserPtr<const MessageRecord>(to).read());
    return memory::UserPtr<MessageRecord>(to).write(record);
}

} // namespace

Result<std::int32_t> sys_channel_open(thread::Thread&, memory::UserString name, Flags flags) {
    ObjectName text;
    if (!name || !text.read(name) || text.text().empty())
        return -1;
    Channel::Opening opening = Channel::Opening::existing;
    if (flags.bits & open_create_bit)
        opening = flags.bits & open_exclusive_bit ? Channel::Opening::create_new : Channel::Opening::create;
    auto channel = Channel::open(text.text(), opening);
    if (!channel)
        return -1;
    auto file = Ref<ChannelFile>::adopt(new (std::nothrow) ChannelFile(std::move(*channel)));
    if (!file)
        return -1;
    const auto descriptor = add_descriptor(std::move(file));
    return descriptor ? descriptor->value : -1;
}

Result<> sys_channel_close(thread::Thread&, Descriptor descriptor) {
    TRY(channel_of(descriptor));
    return process::current().files->close(descriptor.value) ? Result<>() : fail(plain_error);
}

Result<> sys_channel_send(thread::Thread& thread, Descriptor descriptor, UserAddr message) {
    const OpenChannel channel = TRY(channel_of(descriptor));
    ChannelMessage copy = TRY(read_message(thread, message));
    // Channels in the queues of channels could hold each other for ever, with nobody who has one of them open.
    if (copy.file && ChannelFile::from(*copy.file))
        return fail(plain_error);
    return channel->send(std::move(copy));
}

Result<> sys_channel_send_recv_timeout(
    thread::Thread& thread, Descriptor descriptor, UserAddr message, UserAddr answer, std::int32_t timeout) {
    const OpenChannel channel = TRY(channel_of(descriptor));
    TRY(check_writable(answer));
    return write_message(answer, TRY(channel->call(TRY(read_message(thread, message)), timeout)));
}

Result<> sys_channel_reply(thread::Thread& thread, Descriptor descriptor, UserAddr message) {
    const OpenChannel channel = TRY(channel_of(descriptor));
    return channel->reply(TRY(read_message(thread, message)));
}

Result<> sys_channel_recv_timeout(thread::Thread&, Descriptor descriptor, UserAddr message, std::int32_t timeout) {
    const OpenChannel channel = TRY(channel_of(descriptor));
    TRY(check_writable(message));
    return write_message(message, TRY(channel->receive(channel.file(), timeout)));
}

} // namespace abi::rtthread

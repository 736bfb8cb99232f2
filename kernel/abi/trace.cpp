#include "abi/trace.hpp"

#include "abi/personality.hpp"
#include "device/stream_port.hpp"
#include "process/process.hpp"
#include "thread/mutex.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>

namespace abi {
namespace {

constexpr std::string_view port_name = "tetrapylon.trace";
constexpr std::size_t largest_record = 1536;
constexpr std::size_t largest_item = 256; // bytes of one string or buffer

enum class Kind : std::uint8_t { enter = 1, leave = 2 };
enum Flags : std::uint8_t { flag_unsupported = 1, flag_restarts = 2 };
enum class Content : std::uint8_t { whole, cut, unreadable };
constexpr std::uint8_t name_item = 0xff; // in place of an argument register's index

/// The head of each record; then the words (six arguments, or the result), then the items.
struct Header {
    std::uint32_t bytes; // of the whole record
    Kind kind;
    std::uint8_t flags;
    std::uint8_t items;
    std::uint8_t words;
    std::uint32_t number;
    std::uint32_t thread;
    std::uint32_t process;
    std::uint32_t reserved;
    std::uint64_t time; // ns since the machine started
    char personality[8];
};
static_assert(sizeof(Header) == 40);

struct ItemHead {
    std::uint8_t argument; // the register at which the argument starts
    Content content;
    std::uint16_t bytes;
};

class Record {
public:
    Record(const thread::Thread& thread, const TracedCall& call, Kind kind) {
        header_.kind = kind;
        header_.flags = call.row ? 0 : flag_unsupported;
        header_.number = static_cast<std::uint32_t>(call.number);
        header_.thread = thread.id;
        header_.process = static_cast<std::uint32_t>(thread.process->id);
        header_.time = thread::now();
        const std::string_view name = thread.personality->name;
        std::copy_n(name.data(), std::min(name.size(), sizeof(header_.personality)), header_.personality);
    }

    void add_flag(Flags flag) { header_.flags = static_cast<std::uint8_t>(header_.flags | flag); }

    void add_word(std::uint64_t word) {
        header_.words++;
        append(&word, sizeof(word));
    }

    void add_text(std::uint8_t argument, std::string_view text) {
        add_head(argument, Content::whole, text.size());
        append(text.data(), text.size());
    }

    /// The first bytes of `length` at a user address.
    void add_buffer(std::uint8_t argument, UserAddr address, std::uint64_t length) {
        const std::size_t wanted = std::min<std::uint64_t>(length, largest_item);
        std::byte* place = bytes_ + used_ + sizeof(ItemHead);
        const bool there = memory::copy_in(place, address, wanted).has_value();
        add_head(
            argument,
            !there            ? Content::unreadable
            : wanted < length ? Content::cut
                              : Content::whole,
            there ? wanted : 0);
        used_ += there ? wanted : 0;
    }

    void add_string(std::uint8_t argument, UserAddr address) {
        auto* place = reinterpret_cast<char*>(bytes_ + used_ + sizeof(ItemHead));
        const auto text = memory::UserString(address).read({place, largest_item});
        const bool is_long = !text && text.error() == Error::name_too_long;
        const std::size_t length = text ? text->size() : is_long ? largest_item : 0;
        add_head(argument, text ? Content::whole : is_long ? Content::cut : Content::unreadable, length);
        used_ += length;
    }

    std::span<const std::byte> finish() {
        header_.bytes = static_cast<std::uint32_t>(used_);
        std::memcpy(bytes_, &header_, sizeof(header_));
        return {bytes_, used_};
    }

private:
    void add_head(std::uint8_t argument, Content content, std::size_t bytes) {
        const ItemHead head{argument, content, static_cast<std::uint16_t>(bytes)};
        header_.items++;
        append(&head, sizeof(head));
    }

    void append(const void* from, std::size_t count) {
        std::memcpy(bytes_ + used_, from, count);
        used_ += count;
    }

    Header header_{};
    std::size_t used_ = sizeof(Header);
    std::byte bytes_[largest_record + sizeof(ItemHead) + largest_item]; // the largest record, and a spare item
};
static_assert(sizeof(Header) + 6 * 8 + 4 * (sizeof(ItemHead) + largest_item) <= largest_record);

/// The way to the host. Records stay whole: one writer at a time, who sleeps while there is no room.
class TracePort final : public device::StreamPort::Listener {
public:
    explicit TracePort(device::StreamPort& stream) : stream_(stream) {
        stream_.set_listener(this);
        stream_.open(false, true);
    }

    void send(std::span<const std::byte> record) EXCLUDES(writing_, lock_) {
        thread::MutexGuard guard(writing_);
        while (!record.empty() && stream_.is_connected()) {
            record = record.subspan(stream_.send(record));
            if (record.empty())
                return;
            SpinlockGuard waiting(lock_);
            while (!stream_.can_send() && stream_.is_connected())
                changed_.wait_uninterruptible(lock_);
        }
    }

    void drain() EXCLUDES(lock_) {
        SpinlockGuard waiting(lock_);
        while (!stream_.is_drained() && stream_.is_connected())
            changed_.wait_uninterruptible(lock_);
    }

    void changed() override {
        SpinlockGuard guard(lock_);
        changed_.wake_all();
    }

private:
    device::StreamPort& stream_;
    thread::Mutex writing_;
    Spinlock lock_; // sleepers look at the stream with it held; changed() takes it
    thread::WaitQueue changed_;
};

constinit std::atomic<TracePort*> port{nullptr}; // for ever
constinit std::atomic<bool> follows{false};

/// Calls visit(kind, register index) for each string and each buffer of bytes among the arguments of a row.
template <typename Visit>
void for_each_argument(const Call& row, Visit visit) {
    std::uint8_t at = 0;
    for (unsigned i = 0; i < row.argument_count && at < max_arguments; ++i) {
        const ArgumentKind kind = row.kinds[i];
        const bool is_buffer = kind == ArgumentKind::buffer_in || kind == ArgumentKind::buffer_out;
        if (kind == ArgumentKind::string || (is_buffer && row.sizes[i] == 1 && at + 1u < max_arguments))
            visit(kind, at);
        at = static_cast<std::uint8_t>(at + (is_buffer ? 2 : 1));
    }
}

} // namespace

Result<> start_tracing(thread::Thread& thread, bool follow) {
    if (!thread.personality->traced_syscall)
        return fail(Error::not_supported);
    device::StreamPort* stream = device::find_stream_port(port_name);
    if (!stream)
        return fail(Error::no_device);
    auto* opened = new (std::nothrow) TracePort(*stream);
    if (!opened)
        return fail(Error::no_memory);
    port.store(opened);
    follows.store(follow);
    thread.syscall = thread.personality->traced_syscall;
    return {};
}

bool is_traced(const thread::Thread& thread) {
    return thread.personality && thread.personality->traced_syscall
           && thread.syscall == thread.personality->traced_syscall;
}

Dispatcher dispatcher_for_child(const thread::Thread& parent) {
    return follows.load(std::memory_order_relaxed) ? parent.syscall : parent.personality->syscall;
}

void drain_trace() {
    if (TracePort* to = port.load())
        to->drain();
}

void trace_enter(const thread::Thread& thread, const TracedCall& call) {
    Record record(thread, call, Kind::enter);
    for (const std::uint64_t word : call.arguments)
        record.add_word(word);
    if (!call.row) {
        record.add_text(name_item, call.name);
    } else {
        for_each_argument(*call.row, [&](ArgumentKind kind, std::uint8_t at) {
            if (kind == ArgumentKind::string)
                record.add_string(at, {call.arguments[at]});
            else if (kind == ArgumentKind::buffer_in)
                record.add_buffer(at, {call.arguments[at]}, call.arguments[at + 1]);
        });
    }
    port.load()->send(record.finish());
}

void trace_leave(const thread::Thread& thread, const TracedCall& call, std::int64_t result, bool restarts) {
    if (thread.personality == nullptr)
        return;
    Record record(thread, call, Kind::leave);
    record.add_word(static_cast<std::uint64_t>(result));
    if (restarts)
        record.add_flag(flag_restarts);
    if (call.row && result > 0 && !restarts) {
        for_each_argument(*call.row, [&](ArgumentKind kind, std::uint8_t at) {
            if (kind == ArgumentKind::buffer_out)
                record.add_buffer(
                    at, {call.arguments[at]}, std::min(static_cast<std::uint64_t>(result), call.arguments[at + 1]));
        });
    }
    port.load()->send(record.finish());
}

} // namespace abi

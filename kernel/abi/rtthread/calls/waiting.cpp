// Waiting for files: poll, select, epoll; files that count and files that tell the time.

#include "abi/rtthread/calls/file.hpp"
#include "abi/rtthread/paths.hpp"
#include "file/event_counter.hpp"
#include "file/memory_file.hpp"
#include "file/watch_set.hpp"

#include <new>

namespace abi::rtthread {
namespace {

using memory::UserPtr;

/// poll()'s bits, which epoll shares.
enum PollBit : std::uint32_t {
    poll_in = 1,
    poll_urgent = 2,
    poll_out = 4,
    poll_error = 8,
    poll_hang_up = 0x10,
    poll_invalid = 0x20,
    poll_normal_in = 0x40,
    poll_normal_out = 0x100,
    poll_read_hang_up = 0x2000,
};

constexpr std::uint32_t to_poll_bits(std::uint32_t events) {
    return (events & file::event_readable ? poll_in | poll_normal_in : 0u)
           | (events & file::event_writable ? poll_out | poll_normal_out : 0u)
           | (events & file::event_error ? poll_error : 0u) | (events & file::event_hang_up ? poll_hang_up : 0u)
           | (events & file::event_read_hang_up ? poll_read_hang_up : 0u)
           | (events & file::event_urgent ? poll_urgent : 0u);
}
constexpr std::uint32_t from_poll_bits(std::uint32_t bits) {
    return (bits & (poll_in | poll_normal_in) ? file::event_readable : 0u)
           | (bits & (poll_out | poll_normal_out) ? file::event_writable : 0u)
           | (bits & poll_read_hang_up ? file::event_read_hang_up : 0u)
           | (bits & poll_urgent ? file::event_urgent : 0u);
}

/// A descriptor that is waited for, and its file.
struct Watched {
    std::int32_t descriptor;
    std::uint32_t wanted; // poll bits
    std::uint32_t found = 0;
    Ref<file::OpenFile> file;
};

/// A list of them that is freed at the end.
class WatchedList {
public:
    explicit WatchedList(std::size_t count) : list_(new(std::nothrow) Watched[count]{}), count_(count) {}
    ~WatchedList() { delete[] list_; }
    WatchedList(const WatchedList&) = delete;
    explicit operator bool() const { return list_ != nullptr; }
    std::span<Watched> all() const { return {list_, count_}; }

private:
    Watched* list_;
    std::size_t count_;
};

std::int64_t look(std::span<Watched> list, file::Poller* poller) {
    std::int64_t ready = 0;
    for (Watched& one : list) {
        if (one.file)
            one.found =
                to_poll_bits(one.file->poll(ready ? nullptr : poller)) & (one.wanted | poll_error | poll_hang_up);
        else if (one.descriptor >= 0)
            one.found = poll_invalid;
        ready += one.found != 0;
    }
    return ready;
}

/// Waits until one is ready; 0 at the deadline. A deadline of 0 does not wait. Errors: restart, no_memory.
Result<std::int64_t> wait_for(std::span<Watched> list, thread::Time deadline) {
    file::Poller poller;
    std::int64_t found = look(list, deadline == 0 ? nullptr : &poller);
    bool expired = deadline == 0;
    while (found == 0 && !expired) {
        if (const auto waited = poller.wait(deadline); !waited) {
            if (waited.error() != Error::timed_out)
                return fail(waited.error() == Error::restart ? Error::interrupted : waited.error());
            expired = true;
        }
        found = look(list, nullptr);
    }
    return found;
}

struct PollRecord {
    std::int32_t descriptor;
    std::int16_t wanted, found;
};

thread::Time deadline_in_milliseconds(std::int32_t milliseconds) {
    if (milliseconds < 0)
        return thread::never;
    return milliseconds == 0 ? 0 : after(thread::now(), static_cast<thread::Time>(milliseconds) * 1'000'000);
}

} // namespace

Result<std::int64_t> sys_poll(UserAddr files, std::uint32_t count, std::int32_t milliseconds) {
    if (count > descriptor_limit())
        return fail(Error::invalid_argument);
    const WatchedList list(count);
    if (!list)
        return fail(Error::no_memory);
    std::size_t i = 0;
    for (Watched& one : list.all()) {
        const PollRecord record = TRY(UserPtr<const PollRecord>(files + i++ * sizeof(PollRecord)).read());
        one.descriptor = record.descriptor;
        one.wanted = static_cast<std::uint16_t>(record.wanted);
        if (auto opened = open_file({record.descriptor}))
            one.file = std::move(*opened);
    }
    const std::int64_t ready = TRY(wait_for(list.all(), deadline_in_milliseconds(milliseconds)));
    i = 0;
    for (const Watched& one : list.all()) {
        const auto bits = static_cast<std::int16_t>(one.found);
        TRY(memory::copy_out(files + i++ * sizeof(PollRecord) + offsetof(PollRecord, found), &bits, sizeof(bits)));
    }
    return ready;
}

Result<std::int64_t> sys_select(
    std::int32_t signed_count, UserAddr reading, UserAddr writing, UserAddr exceptional, UserPtr<Timeval> timeout) {
    constexpr std::size_t most = 1024, word_bits = 64; // FD_SETSIZE
    constexpr std::uint32_t bits_of[3] = {poll_in | poll_hang_up | poll_error, poll_out | poll_error, poll_urgent};
    if (signed_count < 0 || static_cast<std::size_t>(signed_count) > most)
        return fail(Error::invalid_argument);
    const auto count = static_cast<std::size_t>(signed_count);
    const std::size_t bytes = (count + word_bits - 1) / word_bits * sizeof(std::uint64_t);
    const UserAddr sets[3] = {reading, writing, exceptional};
    std::array<std::array<std::uint64_t, most / word_bits>, 3> wanted{}, found{};
    for (unsigned set = 0; set < 3; ++set)
        if (sets[set].value != 0)
            TRY(memory::copy_in(wanted[set].data(), sets[set], bytes));
    thread::Time deadline = thread::never;
    if (timeout) {
        const thread::Time span = TRY(to_time(TRY(timeout.read())));
        deadline = span == 0 ? 0 : after(thread::now(), span);
    }
    const WatchedList list(count);
    if (!list)
        return fail(Error::no_memory);
    const auto is_set = [](const auto& set, std::size_t i) { return set[i / word_bits] >> i % word_bits & 1; };
    for (std::size_t i = 0; i < count; ++i) {
        Watched& one = list.all()[i];
        one.descriptor = -1;
        for (unsigned set = 0; set < 3; ++set)
            one.wanted |= is_set(wanted[set], i) ? bits_of[set] : 0;
        if (one.wanted)
            one.file = TRY(open_file({static_cast<std::int32_t>(i)}));
    }
    TRY(wait_for(list.all(), deadline));
    std::int64_t ready = 0;
    for (std::size_t i = 0; i < count; ++i)
        for (unsigned set = 0; set < 3; ++set)
            if (is_set(wanted[set], i) && (list.all()[i].found & bits_of[set])) {
                found[set][i / word_bits] |= std::uint64_t{1} << i % word_bits;
                ++ready;
            }
    for (unsigned set = 0; set < 3; ++set)
        if (sets[set].value != 0)
            TRY(memory::copy_out(sets[set], found[set].data(), bytes));
    return ready;
}

// Files without a name

namespace {

std::uint32_t nonblock_of(Flags flags) {
    return flags.bits & open_nonblock_bit ? static_cast<std::uint32_t>(file::open_nonblock) : 0u;
}

} // namespace

Result<Descriptor> sys_eventfd2(std::uint32_t initial, Flags flags) {
    constexpr std::uint32_t semaphore = 1;
    if (flags.bits & ~(semaphore | open_nonblock_bit | open_close_on_exec_bit))
        return fail(Error::invalid_argument);
    auto made = TRY(file::create_event_counter(initial, flags.bits & semaphore, nonblock_of(flags)));
    return add_descriptor(std::move(made), flags.bits & open_close_on_exec_bit);
}

Result<Descriptor> sys_memfd_create(memory::UserString name, Flags) {
    PathArgument text;
    TRY(text.read(name));
    return add_descriptor(TRY(file::create_memory_file(text.text())));
}

namespace {

struct EpollRecord {
    std::uint32_t events;
    std::uint32_t padding;
    std::uint64_t data;
};

Result<Ref<file::OpenFile>> watch_set(Descriptor descriptor) {
    auto opened = TRY(open_file(descriptor));
    if (!opened->watch_set())
        return fail(Error::invalid_argument);
    return opened;
}

} // namespace

Result<Descriptor> sys_epoll_create1(Flags flags) {
    if (flags.bits & ~open_close_on_exec_bit)
        return fail(Error::invalid_argument);
    Ref<file::WatchSet> made = TRY(file::WatchSet::create());
    return add_descriptor(std::move(made), flags.bits & open_close_on_exec_bit);
}

Result<> sys_epoll_ctl(Descriptor set, std::int32_t operation, Descriptor watched, UserAddr event) {
    enum Operation : std::int32_t { add = 1, remove = 2, change = 3 };
    constexpr std::uint32_t edge = 1u << 31, one_shot = 1u << 30;
    EpollRecord record{};
    if (operation != remove)
        record = TRY(UserPtr<const EpollRecord>(event).read());
    const auto opened = TRY(watch_set(set));
    const auto target = TRY(open_file(watched));
    file::WatchSet& watches = *opened->watch_set();
    const file::Watch watch{
        .events = from_poll_bits(record.events),
        .edge = (record.events & edge) != 0,
        .one_shot = (record.events & one_shot) != 0,
        .data = record.data};
    switch (operation) {
    case add:
        return watches.add(*target, watched.value, watch);
    case change:
        return watches.change(*target, watched.value, watch);
    case remove:
        return watches.remove(*target, watched.value);
    default:
        return fail(Error::invalid_argument);
    }
}

Result<std::int64_t> sys_epoll_pwait(
    thread::Thread&, Descriptor set, UserAddr events, std::int32_t count, std::int32_t milliseconds, UserAddr,
    std::uint64_t) {
    constexpr std::size_t at_once = 32;
    if (count <= 0)
        return fail(Error::invalid_argument);
    const auto opened = TRY(watch_set(set));
    std::array<file::Watch, at_once> ready;
    const auto room = std::min(at_once, static_cast<std::size_t>(count));
    const auto found = opened->watch_set()->wait(std::span(ready).first(room), deadline_in_milliseconds(milliseconds));
    if (!found)
        return fail(found.error() == Error::restart ? Error::interrupted : found.error());
    for (std::size_t i = 0; i < *found; ++i)
        TRY(UserPtr<EpollRecord>(events + i * sizeof(EpollRecord))
                .write({.events = to_poll_bits(ready[i].events), .padding = 0, .data = ready[i].data}));
    return static_cast<std::int64_t>(*found);
}

namespace {

Result<Ref<file::OpenFile>> timer_file(Descriptor descriptor) {
    auto opened = TRY(open_file(descriptor));
    if (!opened->timer())
        return fail(Error::invalid_argument);
    return opened;
}

Itimerspec to_record(const file::TimerFile::Setting& setting) {
    const thread::Time now = thread::now();
    Itimerspec record{.interval = to_timespec(setting.interval), .value = {}};
    if (setting.deadline != thread::never)
        record.value = to_timespec(setting.deadline > now ? setting.deadline - now : 1);
    return record;
}

} // namespace

Result<Descriptor> sys_timerfd_create(std::int32_t clock, Flags flags) {
    if ((flags.bits & ~(open_nonblock_bit | open_close_on_exec_bit))
        || (clock != clock_realtime && clock != clock_monotonic && clock != clock_boot))
        return fail(Error::invalid_argument);
    Ref<file::TimerFile> made = TRY(file::TimerFile::create(nonblock_of(flags)));
    made->wall_clock_times = clock == clock_realtime;
    return add_descriptor(std::move(made), flags.bits & open_close_on_exec_bit);
}

Result<>
sys_timerfd_settime(Descriptor descriptor, Flags flags, UserPtr<const Itimerspec> setting, UserPtr<Itimerspec> former) {
    constexpr std::uint32_t absolute = 1;
    const Itimerspec wanted = TRY(setting.read());
    file::TimerFile::Setting next{.interval = TRY(to_time(wanted.interval))};
    const thread::Time value = TRY(to_time(wanted.value));
    const auto opened = TRY(timer_file(descriptor));
    file::TimerFile& timer = *opened->timer();
    if (value == 0)
        next.deadline = thread::never;
    else if (!(flags.bits & absolute))
        next.deadline = after(thread::now(), value);
    else
        next.deadline = timer.wall_clock_times ? date_to_deadline(value) : value;
    const auto old = timer.set(next);
    return former ? former.write(to_record(old)) : Result<>();
}

Result<> sys_timerfd_gettime(Descriptor descriptor, UserPtr<Itimerspec> setting) {
    return setting.write(to_record(TRY(timer_file(descriptor))->timer()->get()));
}

} // namespace abi::rtthread

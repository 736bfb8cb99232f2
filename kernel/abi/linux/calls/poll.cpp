#include "abi/linux/calls/poll.hpp"

#include "abi/linux/file_arguments.hpp"
#include "abi/linux/poll_events.hpp"
#include "abi/linux/signal_mask.hpp"
#include "abi/linux/thread_state.hpp"
#include "abi/linux/time_values.hpp"

#include <memory>
#include <new>

namespace abi::linux {

namespace {

/// An array that is freed at the end; null: no memory.
template <typename T>
class Array {
public:
    explicit Array(std::size_t count) : data_(count <= inline_count ? small_ : new(std::nothrow) T[count]()) {}
    ~Array() {
        if (data_ != small_)
            delete[] data_;
    }
    Array(const Array&) = delete;
    Array& operator=(const Array&) = delete;
    explicit operator bool() const { return data_ != nullptr; }
    T& operator[](std::size_t i) { return data_[i]; }
    T* data() { return data_; }

private:
    static constexpr std::size_t inline_count = 8;
    T small_[inline_count]{};
    T* data_;
};

/// Calls look(poller) until it finds something (> 0), the deadline has passed or a signal came. The poller listens from
/// the first call on.
template <typename Look>
Result<std::int64_t> wait_until(thread::Time deadline, Look look) {
    file::Poller poller;
    std::int64_t found = TRY(look(deadline == 0 ? nullptr : &poller));
    bool expired = deadline == 0;
    while (found == 0 && !expired) {
        if (auto waited = poller.wait(deadline); !waited) {
            if (waited.error() != Error::timed_out)
                return fail(waited.error());
            expired = true;
        }
        found = TRY(look(static_cast<file::Poller*>(nullptr)));
    }
    return found;
}

std::uint64_t open_files_limit() {
    return process::current().limit(process::Resource::open_files).soft;
}

} // namespace

Result<std::int64_t> poll_files(UserAddr descriptors, std::uint32_t count, thread::Time deadline) {
    if (count > open_files_limit() || count > file::FileTable::hard_limit)
        return fail(Error::invalid_argument);
    Array<PollFd> entries(count);
    Array<Ref<file::OpenFile>> files(count);
    if (!entries || !files)
        return fail(Error::no_memory);
    TRY(memory::copy_in(entries.data(), descriptors, count * sizeof(PollFd)));
    for (std::uint32_t i = 0; i < count; ++i)
        if (entries[i].fd >= 0)
            if (auto opened = process::current().files->get(entries[i].fd))
                files[i] = std::move(*opened);

    auto look = [&](file::Poller* poller) -> Result<std::int64_t> {
        std::int64_t ready = 0;
        for (std::uint32_t i = 0; i < count; ++i) {
            std::uint32_t bits = 0;
            if (entries[i].fd >= 0 && !files[i])
                bits = POLLNVAL;
            else if (files[i]) {
                std::uint32_t wanted = static_cast<std::uint16_t>(entries[i].events) | POLLERR | POLLHUP;
                bits = to_poll_bits(files[i]->poll(ready ? nullptr : poller)) & wanted;
            }
            entries[i].revents = static_cast<short>(bits);
            ready += bits != 0;
        }
        return ready;
    };
    std::int64_t ready = TRY(wait_until(deadline, look));
    for (std::uint32_t i = 0; i < count; ++i) {
        UserAddr at = descriptors + i * sizeof(PollFd) + offsetof(PollFd, revents);
        TRY(memory::copy_out(at, &entries[i].revents, sizeof entries[i].revents));
    }
    return ready;
}

// select

namespace {

constexpr unsigned word_bits = 64;

/// Descriptor sets as select() takes them: bits in words of unsigned long.
struct Sets {
    explicit Sets(std::size_t words) : bits(words * 6), count(words) {}
    Array<std::uint64_t> bits; // three to look at, three results
    std::size_t count;

    bool wanted(unsigned set, std::size_t descriptor) {
        return bits[set * count + descriptor / word_bits] >> (descriptor % word_bits) & 1;
    }
    void set_result(unsigned set, std::size_t descriptor) {
        bits[(set + 3) * count + descriptor / word_bits] |= std::uint64_t{1} << (descriptor % word_bits);
    }
    void clear_results() {
        for (std::size_t i = 3 * count; i < 6 * count; ++i)
            bits[i] = 0;
    }
};

constexpr std::uint32_t set_events[3] = {
    file::event_readable | file::event_hang_up | file::event_error, file::event_writable | file::event_error,
    file::event_urgent};

} // namespace

Result<std::int64_t> select_files(
    std::int32_t signed_count, UserAddr reading, UserAddr writing, UserAddr exceptional, thread::Time deadline) {
    if (signed_count < 0)
        return fail(Error::invalid_argument);
    auto count = static_cast<std::size_t>(signed_count);
    std::size_t table = process::current().files->size();
    count = count < table ? count : table;
    const UserAddr user[3] = {reading, writing, exceptional};
    Sets sets((count + word_bits - 1) / word_bits);
    Array<Ref<file::OpenFile>> files(count);
    if (!sets.bits || !files)
        return fail(Error::no_memory);
    std::size_t bytes = sets.count * sizeof(std::uint64_t);
    for (unsigned set = 0; set < 3; ++set)
        if (user[set].value)
            TRY(memory::copy_in(&sets.bits[set * sets.count], user[set], bytes));
    for (std::size_t fd = 0; fd < count; ++fd)
        if (sets.wanted(0, fd) || sets.wanted(1, fd) || sets.wanted(2, fd))
            files[fd] = TRY(process::current().files->get(static_cast<std::int32_t>(fd)));

    auto look = [&](file::Poller* poller) -> Result<std::int64_t> {
        std::int64_t ready = 0;
        sets.clear_results();
        for (std::size_t fd = 0; fd < count; ++fd) {
            if (!files[fd])
                continue;
            std::uint32_t events = files[fd]->poll(ready ? nullptr : poller);
            for (unsigned set = 0; set < 3; ++set)
                if (sets.wanted(set, fd) && (events & set_events[set])) {
                    sets.set_result(set, fd);
                    ++ready;
                }
        }
        return ready;
    };
    std::int64_t ready = TRY(wait_until(deadline, look));
    for (unsigned set = 0; set < 3; ++set)
        if (user[set].value)
            TRY(memory::copy_out(user[set], &sets.bits[(set + 3) * sets.count], bytes));
    return ready;
}

// Time-outs and masks

namespace {

/// The deadline that a time-out in user memory means now; 0: do not wait.
Result<thread::Time> to_deadline(thread::Thread& thread, memory::UserPtr<__kernel_timespec> timeout) {
    if (!timeout)
        return thread::never;
    thread::Time span = TRY(to_time(TRY(timeout.read())));
    return span == 0 ? thread::Time{0} : resume_deadline(thread, span);
}

Result<std::int64_t> finish(
    thread::Thread& thread, Result<std::int64_t> result, memory::UserPtr<__kernel_timespec> timeout,
    thread::Time deadline) {
    if (timeout && deadline != 0) {
        // As Linux does: what is left of the time; failing to store it changes nothing.
        thread::Time now = thread::now();
        (void)timeout.write(to_timespec(deadline > now ? deadline - now : 0));
    }
    if (!result && result.error() == Error::restart)
        return restart_at_deadline(thread, deadline);
    return result;
}

} // namespace

Result<std::int64_t> sys_ppoll(
    thread::Thread& thread, UserAddr descriptors, std::uint32_t count, memory::UserPtr<__kernel_timespec> timeout,
    UserAddr mask, std::uint64_t mask_bytes) {
    thread::Time deadline = TRY(to_deadline(thread, timeout));
    TRY(use_temporary_mask(thread, mask, mask_bytes));
    return finish(thread, poll_files(descriptors, count, deadline), timeout, deadline);
}

Result<std::int64_t> sys_pselect6(
    thread::Thread& thread, std::int32_t count, UserAddr reading, UserAddr writing, UserAddr exceptional,
    memory::UserPtr<__kernel_timespec> timeout, UserAddr mask_argument) {
    struct MaskArgument {
        std::uint64_t address;
        std::uint64_t bytes;
    };
    MaskArgument mask{};
    if (mask_argument.value)
        mask = TRY(memory::UserPtr<const MaskArgument>(mask_argument).read());
    thread::Time deadline = TRY(to_deadline(thread, timeout));
    TRY(use_temporary_mask(thread, {mask.address}, mask.bytes));
    return finish(thread, select_files(count, reading, writing, exceptional, deadline), timeout, deadline);
}

} // namespace abi::linux

#include "terminal/terminal.hpp"

#include "process/send.hpp"
#include "process/table.hpp"
#include "terminal/job_control.hpp"

namespace terminal {

using process::Signal;

namespace {

constexpr std::size_t chunk = 256;  // bytes copied from or to a program at a time
constexpr std::size_t at_once = 16; // bytes written under the lock, with interrupts off
constexpr thread::Time tenth_of_a_second = 100'000'000;

} // namespace

// The line's side

void Terminal::push_output() {
    for (;;) {
        std::span<const char> bytes = discipline_.output();
        if (bytes.empty())
            return;
        std::size_t sent = transmit(bytes);
        discipline_.output_sent(sent);
        if (sent < bytes.size())
            return;
    }
}

void Terminal::receive(std::span<const char> bytes) {
    unsigned requests = 0;
    {
        SpinlockGuard guard(lock_);
        if (hung_up_)
            return;
        for (char byte : bytes)
            requests |= discipline_.receive(byte);
        push_output();
        if (discipline_.readable())
            readers_.wake_all();
        if (discipline_.writable())
            writers_.wake_all();
    }
    if (requests)
        signal_foreground(requests);
}

void Terminal::signal_foreground(unsigned requests) {
    GroupId group = foreground_group();
    if (group == 0)
        return;
    if (requests & LineDiscipline::request_interrupt)
        process::send_to_group(group, Signal::interrupt);
    if (requests & LineDiscipline::request_quit)
        process::send_to_group(group, Signal::quit);
    if (requests & LineDiscipline::request_suspend)
        process::send_to_group(group, Signal::terminal_stop);
}

void Terminal::output_ready() {
    SpinlockGuard guard(lock_);
    push_output();
    if (discipline_.writable())
        writers_.wake_all();
}

std::size_t Terminal::take_output(std::span<char> to) {
    SpinlockGuard guard(lock_);
    std::size_t done = 0;
    while (done < to.size()) {
        std::span<const char> bytes = discipline_.output();
        if (bytes.empty())
            break;
        std::size_t n = bytes.size() < to.size() - done ? bytes.size() : to.size() - done;
        for (std::size_t i = 0; i < n; ++i)
            to[done++] = bytes[i];
        discipline_.output_sent(n);
    }
    if (done && discipline_.writable())
        writers_.wake_all();
    return done;
}

bool Terminal::accepts_input_locked() const {
    return discipline_.available() < LineDiscipline::queue_size / 2 || discipline_.settings().is_canonical();
}

void Terminal::hang_up() {
    {
        SpinlockGuard guard(lock_);
        hung_up_ = true;
        discipline_.flush_input();
        discipline_.flush_output();
        readers_.wake_all();
        writers_.wake_all();
    }
    SessionId session = session_.exchange(0);
    GroupId group = foreground_.exchange(0);
    if (session == 0)
        return;
    if (auto leader = process::find_process(session)) {
        process::send(*leader, Signal::hangup);
        process::send(*leader, Signal::resume);
    }
    if (group != 0 && group != session)
        process::send_to_group(group, Signal::hangup);
    process::drop_controlling_terminal(session);
}

// Reading

Result<> Terminal::wait_with_timer(std::size_t wanted) {
    const Settings settings = discipline_.settings();
    thread::Time pause = settings.character(char_time) * tenth_of_a_second;
    std::size_t minimum = settings.character(char_minimum);
    if (minimum == 0 && pause == 0)
        return {};
    if (minimum > wanted)
        minimum = wanted;
    // With a minimum the clock starts at the first byte and again at each; without, it bounds the whole wait.
    thread::Time deadline = minimum == 0 ? thread::now() + pause : thread::never;
    std::size_t seen = discipline_.available();
    if (minimum > 0 && pause > 0 && seen > 0)
        deadline = thread::now() + pause;
    while (!hung_up_ && discipline_.available() < (minimum ? minimum : 1)) {
        if (auto waited = readers_.wait(lock_, deadline); !waited) {
            if (waited.error() == Error::timed_out || discipline_.available() > 0)
                return {};
            return waited;
        }
        if (discipline_.available() != seen && minimum > 0 && pause > 0)
            deadline = thread::now() + pause;
        seen = discipline_.available();
        if (discipline_.settings().is_canonical())
            break;
    }
    return {};
}

Result<> Terminal::wait_for_input(std::size_t wanted, bool nonblocking) {
    if (hung_up_)
        return {};
    if (!discipline_.settings().is_canonical()) {
        if (nonblocking)
            return discipline_.available() ? Result<>{} : fail(Error::would_block);
        return wait_with_timer(wanted);
    }
    while (!hung_up_ && discipline_.settings().is_canonical() && !discipline_.readable()) {
        if (nonblocking)
            return fail(Error::would_block);
        TRY(readers_.wait(lock_));
    }
    return {};
}

Result<std::size_t> Terminal::read(file::Sink& to, bool nonblocking) {
    TRY(check_background_read());
    if (to.remaining() == 0)
        return std::size_t{0};
    char bytes[chunk];
    std::size_t done = 0;
    bool more = true;
    while (more && to.remaining() && !to.faulted()) {
        std::size_t got;
        {
            SpinlockGuard guard(lock_);
            if (done == 0)
                TRY(wait_for_input(to.remaining(), nonblocking));
            bool end_of_file = false;
            std::size_t wanted = to.remaining() < chunk ? to.remaining() : chunk;
            got = discipline_.read({bytes, wanted}, end_of_file);
            // A line may be longer than our chunk; then there is more of it.
            more = got == wanted && !end_of_file && (!discipline_.settings().is_canonical() || bytes[got - 1] != '\n');
            more = more && discipline_.available() > 0;
            push_output();
            input_taken();
        }
        done += to.put(bytes, got);
    }
    if (done == 0 && to.faulted())
        return fail(Error::bad_address);
    return done;
}

// Writing

Result<std::size_t> Terminal::write(file::Source& from, bool nonblocking) {
    TRY(check_background_write(false));
    char bytes[chunk];
    std::size_t done = 0;
    while (from.remaining()) {
        std::size_t count = from.take(bytes, chunk);
        std::size_t written = 0;
        while (written < count) {
            SpinlockGuard guard(lock_);
            if (hung_up_)
                return done + written ? Result<std::size_t>(done + written) : fail(Error::io);
            const std::size_t wanted = std::min(count - written, at_once);
            const std::size_t taken = discipline_.write({bytes + written, wanted});
            written += taken;
            push_output();
            if (taken == wanted || discipline_.writable())
                continue;
            if (nonblocking)
                return done + written ? Result<std::size_t>(done + written) : fail(Error::would_block);
            if (auto waited = writers_.wait(lock_); !waited)
                return done + written ? Result<std::size_t>(done + written) : fail(waited.error());
        }
        done += count;
        if (from.faulted())
            return done ? Result<std::size_t>(done) : fail(Error::bad_address);
    }
    return done;
}

std::uint32_t Terminal::poll(file::Poller* poller) {
    if (poller) {
        poller->listen(readers_);
        poller->listen(writers_);
    }
    SpinlockGuard guard(lock_);
    if (hung_up_)
        return file::event_readable | file::event_writable | file::event_hang_up | file::event_error;
    std::uint32_t events = 0;
    if (discipline_.readable())
        events |= file::event_readable;
    if (discipline_.writable())
        events |= file::event_writable;
    return events;
}

std::size_t Terminal::readable_bytes() const {
    SpinlockGuard guard(lock_);
    return discipline_.available();
}

std::size_t Terminal::pending_output() const {
    SpinlockGuard guard(lock_);
    return discipline_.output_pending();
}

// Settings

Settings Terminal::settings() const {
    SpinlockGuard guard(lock_);
    return discipline_.settings();
}

Result<> Terminal::set_settings(const Settings& settings, When when) {
    TRY(check_background_write(true));
    if (when != When::now)
        TRY(drain());
    SpinlockGuard guard(lock_);
    if (when == When::drained_and_flushed)
        discipline_.flush_input();
    discipline_.set_settings(settings);
    push_output();
    // Readers wait for something else now.
    readers_.wake_all();
    writers_.wake_all();
    return {};
}

WindowSize Terminal::window_size() const {
    SpinlockGuard guard(lock_);
    return window_;
}

void Terminal::set_window_size(WindowSize size) {
    {
        SpinlockGuard guard(lock_);
        if (window_ == size)
            return;
        window_ = size;
    }
    if (GroupId group = foreground_group())
        process::send_to_group(group, Signal::window);
}

Result<> Terminal::drain() {
    SpinlockGuard guard(lock_);
    while (!discipline_.output_empty() && !hung_up_) {
        push_output();
        if (discipline_.output_empty())
            break;
        TRY(writers_.wait(lock_));
    }
    return {};
}

void Terminal::flush(bool input, bool output) {
    SpinlockGuard guard(lock_);
    if (input)
        discipline_.flush_input();
    if (output) {
        discipline_.flush_output();
        writers_.wake_all();
    }
}

void Terminal::set_stopped(bool stopped) {
    SpinlockGuard guard(lock_);
    discipline_.set_stopped(stopped);
    push_output();
}

} // namespace terminal

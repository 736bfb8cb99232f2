#include "relay.hpp"

#include "message.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

namespace host {

namespace {

constexpr std::size_t chunk = 64 * 1024;
constexpr std::size_t recent_limit = 20;
constexpr std::size_t early_limit = 200;
/// A machine that said its last word is gone soon after; one that was asked to end is given longer.
constexpr auto gone_grace = std::chrono::seconds(3);
constexpr auto ending_grace = std::chrono::seconds(10);

constexpr std::array handled_signals{SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGWINCH};

/// The signals to take, without those that whoever started pylon wants ignored (nohup).
sigset_t handled_set() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : handled_signals) {
        struct sigaction before{};
        if (sigaction(number, nullptr, &before) != 0 || before.sa_handler != SIG_IGN) {
            sigaddset(&set, number);
        }
    }
    return set;
}

} // namespace

Relay::Relay(RelaySetup setup)
    : setup_(std::move(setup)), terminal_(setup_.in_is_terminal ? setup_.in : -1), firmware_(setup_.greets) {
    const sigset_t set = handled_set();
    sigprocmask(SIG_BLOCK, &set, nullptr);
    signals_ = Descriptor(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    for (const Descriptor& socket : setup_.channels) {
        fcntl(socket.get(), F_SETFL, O_NONBLOCK);
    }
    to_out_.fd = setup_.out;
    to_err_.fd = setup_.err;
    to_console_.fd = console();
    to_trace_.fd = setup_.trace_out;
    to_guest_.fd = channel(setup_.in_is_terminal ? Channel::uart : Channel::standard_input).get();
    to_control_.fd = channel(Channel::control).get();
    if (setup_.timeout > 0) {
        deadline_ =
            Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(setup_.timeout));
    }
}

bool Relay::any_terminal() const {
    return setup_.in_is_terminal || setup_.out_is_terminal || setup_.err_is_terminal;
}

/// Where the guest's console shows; -1 without a terminal.
int Relay::console() const {
    if (setup_.out_is_terminal) {
        return setup_.out;
    }
    if (setup_.err_is_terminal) {
        return setup_.err;
    }
    return setup_.in_is_terminal ? setup_.in : -1;
}

void Relay::watch(int fd, short events) {
    if (fd >= 0 && events != 0) {
        polled_.push_back({fd, events, 0});
    }
}

short Relay::ready(int fd) const {
    short events = 0;
    for (const pollfd& entry : polled_) {
        if (entry.fd == fd) {
            events = static_cast<short>(events | entry.revents);
        }
    }
    return events;
}

void Relay::prepare_poll() {
    polled_.clear();
    watch(signals_.get(), POLLIN);
    if (!input_ended_ && to_guest_.waiting.empty() && !outcome_) {
        watch(setup_.in, POLLIN);
    }
    for (const Outlet* outlet : {&to_out_, &to_err_, &to_console_, &to_trace_, &to_guest_, &to_control_}) {
        watch(outlet->fd, outlet->waiting.empty() ? short{0} : short{POLLOUT});
    }
    watch(channel(Channel::standard_output).get(), to_out_.waiting.empty() ? POLLIN : short{0});
    watch(channel(Channel::standard_error).get(), to_err_.waiting.empty() ? POLLIN : short{0});
    watch(channel(Channel::uart).get(), to_console_.waiting.empty() ? POLLIN : short{0});
    watch(channel(Channel::trace).get(), trace_outlet().waiting.empty() ? POLLIN : short{0});
    watch(channel(Channel::log).get(), POLLIN);
    watch(channel(Channel::control).get(), POLLIN);
}

int Relay::poll_milliseconds() const {
    std::optional<Clock::time_point> next;
    for (const auto& time : {deadline_, ending_deadline_, gone_deadline_}) {
        if (time && (!next || *time < *next)) {
            next = time;
        }
    }
    if (!next) {
        return -1;
    }
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(*next - Clock::now()).count();
    return static_cast<int>(std::clamp<decltype(rest)>(rest, 0, INT_MAX));
}

Outcome Relay::run() {
    while (!finished()) {
        prepare_poll();
        const int count = poll(polled_.data(), polled_.size(), poll_milliseconds());
        if (count < 0 && errno != EINTR) {
            break;
        }
        take_signals();
        take_input();
        for (std::size_t index = 0; index < channel_count; index++) {
            take_channel(static_cast<Channel>(index));
        }
        flush_to_guest(to_guest_, setup_.in_is_terminal ? Channel::uart : Channel::standard_input);
        flush_to_guest(to_control_, Channel::control);
        flush_to_user(to_out_);
        flush_to_user(to_err_);
        flush_to_user(to_console_);
        flush_to_user(to_trace_);
        check_clocks();
    }
    terminal_.restore();
    remember(log_lines_.rest());
    remember(uart_lines_.rest());
    return outcome_.value_or(Outcome{});
}

bool Relay::finished() {
    if (cut_off_) {
        return true;
    }
    // The stdin port is closed from this side, so its socket says nothing about the machine.
    for (const Channel which :
         {Channel::uart, Channel::standard_output, Channel::standard_error, Channel::log, Channel::control,
          Channel::trace}) {
        if (channel(which).is_open()) {
            return false;
        }
    }
    return to_out_.waiting.empty() && to_err_.waiting.empty() && to_console_.waiting.empty()
           && to_trace_.waiting.empty();
}

void Relay::take_signals() {
    signalfd_siginfo information{};
    while (read(signals_.get(), &information, sizeof information) == sizeof information) {
        take_signal(static_cast<int>(information.ssi_signo));
    }
}

void Relay::take_signal(int number) {
    if (number == SIGWINCH) {
        if (any_terminal()) {
            const WindowSize size = window_size(console());
            send_control(fmt::format("winsize {} {}", size.rows, size.columns));
        }
        return;
    }
    if (number == SIGTSTP) {
        stop_and_continue();
        return;
    }
    last_ending_ = number;
    if (++endings_asked_ > 1) {
        // Asked twice: whoever asks does not want to wait for the guest.
        outcome_ = Outcome{Outcome::Kind::interrupted, number, {}};
        cut_off_ = true;
        return;
    }
    send_control(fmt::format("signal {}", number));
    if (number != SIGINT) {
        ending_deadline_ = Clock::now() + ending_grace;
    }
}

void Relay::stop_and_continue() {
    terminal_.restore();
    if (setup_.machine > 0) {
        kill(setup_.machine, SIGSTOP);
    }
    raise(SIGSTOP);
    if (setup_.machine > 0) {
        kill(setup_.machine, SIGCONT);
    }
    terminal_.enter();
    take_signal(SIGWINCH);
}

void Relay::take_input() {
    if (!input_ended_ && (ready(setup_.in) & (POLLIN | POLLHUP | POLLERR | POLLNVAL)) != 0
        && to_guest_.waiting.empty()) {
        std::array<char, chunk> buffer;
        const ssize_t count = read(setup_.in, buffer.data(), buffer.size());
        if (count > 0) {
            to_guest_.waiting.assign(buffer.data(), static_cast<std::size_t>(count));
        } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
            input_ended_ = true;
        }
    }
    if (input_ended_ && !input_closed_ && to_guest_.waiting.empty() && !setup_.in_is_terminal) {
        // Half a close: QEMU still reads what is on its way and then closes the port for the guest.
        // A whole one would be noticed as a hang-up at once, and unread bytes lost.
        shutdown(channel(Channel::standard_input).get(), SHUT_WR);
        input_closed_ = true;
    }
}

void Relay::take_channel(Channel which) {
    Descriptor& socket = channel(which);
    if (!socket.is_open() || (ready(socket.get()) & (POLLIN | POLLHUP | POLLERR)) == 0) {
        return;
    }
    std::array<char, chunk> buffer;
    const ssize_t count = recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (count <= 0) {
        // QEMU is gone, or (stdin) has closed the port that we half closed.
        socket.reset();
        if (which == Channel::control) {
            to_control_ = {};
        } else if (which == (setup_.in_is_terminal ? Channel::uart : Channel::standard_input)) {
            to_guest_ = {};
            input_ended_ = input_closed_ = true;
        }
        return;
    }
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
    switch (which) {
    case Channel::standard_output:
        to_out_.waiting += bytes;
        break;
    case Channel::standard_error:
        to_err_.waiting += bytes;
        break;
    case Channel::uart: {
        const std::string said = firmware_.pass(bytes);
        if (to_console_.fd >= 0) {
            to_console_.waiting += said;
        }
        take_log(said, uart_lines_);
        break;
    }
    case Channel::log:
        take_log(bytes, log_lines_);
        break;
    case Channel::control:
        take_control(bytes);
        break;
    case Channel::trace:
        if (setup_.read_trace) {
            trace_outlet().waiting += setup_.read_trace(bytes);
        }
        break;
    case Channel::standard_input:
        break;
    }
}

void Relay::take_control(std::string_view bytes) {
    control_lines_.feed(bytes, [this](std::string_view line) {
        if (outcome_) {
            return;
        }
        outcome_ = parse_control_line(line);
        if (outcome_) {
            gone_deadline_ = Clock::now() + gone_grace;
        } else {
            remember(fmt::format("control port: {}", line));
        }
    });
}

void Relay::take_log(std::string_view bytes, LineReader& lines) {
    lines.feed(bytes, [&](std::string_view line) {
        if (&lines == &log_lines_ && said_before(line)) {
            return;
        }
        if (&lines == &uart_lines_ && said_early_.size() < early_limit) {
            said_early_.emplace_back(line);
        }
        remember(line);
        // What the UART says is on the terminal already.
        if (setup_.show_log && (&lines == &log_lines_ || to_console_.fd < 0)) {
            say("kernel: {}", line);
        }
    });
}

/// True for a line of the log that the UART had already; forgets it and those before it.
bool Relay::said_before(std::string_view line) {
    const auto found = std::ranges::find(said_early_, line);
    if (found == said_early_.end()) {
        return false;
    }
    said_early_.erase(said_early_.begin(), found + 1);
    return true;
}

void Relay::remember(std::string_view line) {
    if (line.empty()) {
        return;
    }
    std::string printable(line);
    std::ranges::replace_if(printable, [](unsigned char byte) { return byte < ' ' || byte == 0x7f; }, '?');
    recent_.push_back(std::move(printable));
    if (recent_.size() > recent_limit) {
        recent_.pop_front();
    }
}

void Relay::flush_to_user(Outlet& outlet) {
    if (outlet.broken) {
        outlet.waiting.clear();
    }
    if (outlet.waiting.empty() || (ready(outlet.fd) & (POLLOUT | POLLERR | POLLHUP | POLLNVAL)) == 0) {
        return;
    }
    // A pipe that is ready takes PIPE_BUF bytes without blocking, and its mode is shared with others, so is not
    // changed.
    const ssize_t count =
        write(outlet.fd, outlet.waiting.data(), std::min<std::size_t>(outlet.waiting.size(), PIPE_BUF));
    if (count > 0) {
        outlet.waiting.erase(0, static_cast<std::size_t>(count));
    } else if (count < 0 && errno != EAGAIN && errno != EINTR) {
        if (errno == EPIPE && &outlet == &to_out_) {
            outcome_ = Outcome{Outcome::Kind::output_closed, 0, {}};
            cut_off_ = true;
        } else if (&outlet == &to_out_) {
            outcome_ = Outcome{Outcome::Kind::lost, 0, fmt::format("standard output: {}", std::strerror(errno))};
            cut_off_ = true;
        }
        outlet.broken = true;
        outlet.waiting.clear();
    }
}

void Relay::flush_to_guest(Outlet& outlet, Channel which) {
    if (outlet.waiting.empty() || !channel(which).is_open()) {
        outlet.waiting.clear();
        return;
    }
    const ssize_t count = send(outlet.fd, outlet.waiting.data(), outlet.waiting.size(), MSG_NOSIGNAL);
    if (count > 0) {
        outlet.waiting.erase(0, static_cast<std::size_t>(count));
    } else if (count < 0 && errno != EAGAIN && errno != EINTR) {
        outlet.waiting.clear();
        input_ended_ = input_ended_ || &outlet == &to_guest_;
    }
}

void Relay::check_clocks() {
    const auto now = Clock::now();
    if (deadline_ && now >= *deadline_) {
        outcome_ = Outcome{Outcome::Kind::timed_out, 0, {}};
        cut_off_ = true;
    }
    if (ending_deadline_ && now >= *ending_deadline_) {
        ending_deadline_.reset();
        if (!outcome_) {
            outcome_ = Outcome{Outcome::Kind::interrupted, last_ending_, {}};
            cut_off_ = true;
        }
    }
    if (gone_deadline_ && now >= *gone_deadline_) {
        // It said how it ended and did not power off. What it wrote stays readable in the sockets.
        gone_deadline_.reset();
        if (setup_.machine > 0) {
            kill(setup_.machine, SIGKILL);
        }
    }
}

} // namespace host

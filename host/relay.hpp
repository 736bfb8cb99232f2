#pragma once

#include "descriptor.hpp"
#include "firmware_filter.hpp"
#include "line_reader.hpp"
#include "machine.hpp"
#include "outcome.hpp"
#include "terminal.hpp"

#include <array>
#include <chrono>
#include <deque>
#include <functional>
#include <poll.h>
#include <string>
#include <sys/types.h>
#include <vector>

namespace host {

/// What one run connects. Descriptors in, out and err stay open; `channels` are pylon's ends of the sockets.
struct RelaySetup {
    std::array<Descriptor, channel_count> channels;
    int in = 0;
    int out = 1;
    int err = 2;
    bool in_is_terminal = false;
    bool out_is_terminal = false;
    bool err_is_terminal = false;
    bool greets = false;   ///< the firmware writes on the UART before the kernel does (riscv64)
    bool show_log = false; ///< kernel log lines go to stderr as they come
    double timeout = 0;    ///< seconds; 0: none
    int trace_out = -1;    ///< where the text of read_trace goes
    std::function<std::string(std::string_view)> read_trace; ///< bytes of the trace port to text; none: not read
    pid_t machine = 0; ///< the QEMU process, stopped and continued together with pylon; 0: none
};

/// Moves bytes between pylon's standard streams and the guest until the guest is gone. One thread, one poll loop;
/// each direction reads only when its other side has taken what was read before.
class Relay {
public:
    explicit Relay(RelaySetup setup);

    /// Returns when everything that the guest wrote is delivered, or the run has to be cut off; the caller then ends
    /// the machine.
    Outcome run();

    /// The last lines of the kernel's log and of the UART, oldest first.
    [[nodiscard]] const std::deque<std::string>& recent_lines() const { return recent_; }

private:
    using Clock = std::chrono::steady_clock;

    /// Bytes on their way to a descriptor.
    struct Outlet {
        int fd = -1;
        std::string waiting;
        bool broken = false; ///< nobody reads it any more
    };

    Descriptor& channel(Channel which) { return setup_.channels.at(static_cast<std::size_t>(which)); }
    [[nodiscard]] bool any_terminal() const;
    [[nodiscard]] int console() const;
    /// Lines of a trace and of the program's errors share an outlet when they share a descriptor, and so stay whole.
    Outlet& trace_outlet() { return setup_.trace_out == setup_.err ? to_err_ : to_trace_; }

    void prepare_poll();
    void watch(int fd, short events);
    [[nodiscard]] short ready(int fd) const;
    [[nodiscard]] int poll_milliseconds() const;
    [[nodiscard]] bool finished();

    void take_signals();
    void take_signal(int number);
    void stop_and_continue();
    void take_input();
    void take_channel(Channel which);
    void take_control(std::string_view bytes);
    void take_log(std::string_view bytes, LineReader& lines);
    bool said_before(std::string_view line);
    void remember(std::string_view line);
    void flush_to_user(Outlet& outlet);
    void flush_to_guest(Outlet& outlet, Channel which);
    void check_clocks();
    void send_control(const std::string& line) { to_control_.waiting += line + "\n"; }

    RelaySetup setup_;
    RawTerminal terminal_;
    Descriptor signals_;
    FirmwareFilter firmware_;
    LineReader control_lines_, log_lines_, uart_lines_;
    Outlet to_out_, to_err_, to_console_, to_trace_;
    Outlet to_guest_, to_control_; ///< to_guest_: the UART when stdin is a terminal, else the stdin port
    bool input_ended_ = false;
    bool input_closed_ = false;
    unsigned endings_asked_ = 0; ///< SIGINT, SIGTERM, SIGHUP seen
    int last_ending_ = 0;
    std::optional<Outcome> outcome_;
    bool cut_off_ = false; ///< return at once
    std::optional<Clock::time_point> deadline_, ending_deadline_, gone_deadline_;
    std::deque<std::string> recent_;
    std::deque<std::string> said_early_; ///< UART lines, which the kernel repeats on the log port once that is there
    std::vector<pollfd> polled_;
};

} // namespace host

#pragma once
// A terminal: a line discipline between a line (a UART, the master side of a pseudo-terminal) and the processes that
// read and write it; job control (POSIX.1-2017, 11.1).

#include "file/poll.hpp"
#include "file/transfer.hpp"
#include "process/controlling_terminal.hpp"
#include "terminal/line_discipline.hpp"
#include "thread/wait_queue.hpp"

namespace terminal {

using GroupId = std::int32_t;
using SessionId = std::int32_t;

/// When set_settings() takes effect.
enum class When : std::uint8_t { now, drained, drained_and_flushed };

class Terminal : public process::ControllingTerminal {
public:
    explicit Terminal(file::DeviceNumber number) : number_(number) {}

    // Reading and writing by programs. May sleep, no locks held. Errors: would_block, restart, io (hung up, or a
    // background process that may not), bad_address.
    Result<std::size_t> read(file::Sink& to, bool nonblocking) EXCLUDES(lock_);
    Result<std::size_t> write(file::Source& from, bool nonblocking) EXCLUDES(lock_);
    std::uint32_t poll(file::Poller* poller) EXCLUDES(lock_);
    std::size_t readable_bytes() const EXCLUDES(lock_);
    std::size_t pending_output() const EXCLUDES(lock_);

    // Settings. The setters act as a background process's writes do: Errors: restart, io.
    Settings settings() const EXCLUDES(lock_);
    Result<> set_settings(const Settings& settings, When when) EXCLUDES(lock_);
    WindowSize window_size() const EXCLUDES(lock_);
    /// Tells the foreground group when it changed.
    void set_window_size(WindowSize size) EXCLUDES(lock_);
    /// Waits until all output is on the line. Errors: restart.
    Result<> drain() EXCLUDES(lock_);
    void flush(bool input, bool output) EXCLUDES(lock_);
    void set_stopped(bool stopped) EXCLUDES(lock_);

    // Job control.
    file::DeviceNumber device() const override { return number_; }
    GroupId foreground_group() const override { return foreground_.load(std::memory_order_relaxed); }
    void session_ended(std::int32_t session) override;
    SessionId session() const { return session_.load(std::memory_order_relaxed); }
    /// Makes this the calling process's controlling terminal. Errors: not_permitted (no session leader, or it belongs
    /// to another session).
    Result<> make_controlling();
    /// tcsetpgrp. Errors: not_tty (not the caller's terminal), not_permitted (a group of another session),
    /// no_process, restart.
    Result<> set_foreground_group(GroupId group);
    /// The caller's session gives it up. Errors: not_tty.
    Result<> give_up();
    /// True when it is the calling process's controlling terminal.
    bool is_controlling_current() const;

    /// The line is gone: reads answer 0, writes fail, the session is told.
    void hang_up() EXCLUDES(lock_);
    /// Bytes from the line. Any context.
    void receive(std::span<const char> bytes) EXCLUDES(lock_);
    /// The line can take more. Any context.
    void output_ready() EXCLUDES(lock_);

    /// An open file of it was made, or has gone. May sleep, no locks held.
    virtual void file_opened() {}
    virtual void file_closed() {}

protected:
    /// Sends what the line takes; returns how many bytes it took. Interrupts off, this terminal's lock held.
    virtual std::size_t transmit(std::span<const char> bytes) = 0;
    /// A program has read: there may be room for more. This terminal's lock held.
    virtual void input_taken() {}

    /// For the master side of a pseudo-terminal: takes output instead of transmit().
    std::size_t take_output(std::span<char> to) EXCLUDES(lock_);
    bool has_output_locked() const REQUIRES(lock_) { return !discipline_.output().empty(); }
    bool accepts_input_locked() const REQUIRES(lock_);

    mutable Spinlock lock_; // taken in interrupt handlers; nothing of process/ is called while it is held
    thread::WaitQueue readers_;
    thread::WaitQueue writers_;

private:
    void push_output() REQUIRES(lock_);
    void signal_foreground(unsigned requests);
    Result<> check_background_read() const;
    Result<> check_background_write(bool always) const;
    Result<> wait_for_input(std::size_t wanted, bool nonblocking) REQUIRES(lock_);
    Result<> wait_with_timer(std::size_t wanted) REQUIRES(lock_);

    LineDiscipline discipline_ GUARDED_BY(lock_);
    WindowSize window_ GUARDED_BY(lock_);
    bool hung_up_ GUARDED_BY(lock_) = false;
    std::atomic<GroupId> foreground_{0};
    std::atomic<SessionId> session_{0};
    const file::DeviceNumber number_;
};

} // namespace terminal

#pragma once

#include <string>
#include <termios.h>

namespace host {

struct WindowSize {
    unsigned rows = 24;
    unsigned columns = 80;
};

/// The size of the terminal behind descriptor `fd`; 24 by 80 when there is none or it does not say.
WindowSize window_size(int fd);

/// Puts a terminal into raw mode: every byte goes to the guest as typed. The old mode comes back when this object ends,
/// and by restore() from anywhere, also from a signal handler.
class RawTerminal {
public:
    /// Does nothing when `fd` is no terminal.
    explicit RawTerminal(int fd);
    ~RawTerminal();
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;

    void restore();
    /// Raw again, after a restore().
    void enter();

private:
    int fd_;
    termios before_{}; // read by the next member's initialiser
    bool is_terminal_;
    bool raw_ = false;
};

} // namespace host

#include "terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

namespace host {

WindowSize window_size(int fd) {
    winsize size{};
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) {
        return {};
    }
    return {size.ws_row, size.ws_col};
}

RawTerminal::RawTerminal(int fd) : fd_(fd), is_terminal_(tcgetattr(fd, &before_) == 0) {
    enter();
}

RawTerminal::~RawTerminal() {
    restore();
}

void RawTerminal::enter() {
    if (is_terminal_ && !raw_) {
        termios raw = before_;
        cfmakeraw(&raw);
        raw_ = tcsetattr(fd_, TCSADRAIN, &raw) == 0;
    }
}

void RawTerminal::restore() {
    if (raw_) {
        tcsetattr(fd_, TCSADRAIN, &before_);
        raw_ = false;
    }
}

} // namespace host

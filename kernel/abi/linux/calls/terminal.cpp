#include "abi/linux/calls/terminal.hpp"

#include "file/attributes.hpp"
#include "memory/user_ptr.hpp"
#include "terminal/pseudo_terminal.hpp"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <asm/termios.h>

namespace abi::linux {

namespace {

using memory::UserPtr;
using terminal::Settings;
using terminal::When;
using Termios = struct ::termios;
using Termios2 = struct ::termios2;

static_assert(NCCS == terminal::character_count);
static_assert(ICANON == terminal::local_canonical && IEXTEN == terminal::local_extended);
static_assert(ONLCR == terminal::output_nl_to_crnl && IXON == terminal::input_flow_control);
static_assert(VMIN == terminal::char_minimum && VSUSP == terminal::char_suspend);

template <typename T>
T from_settings(const Settings& settings) {
    T result{};
    result.c_iflag = settings.input;
    result.c_oflag = settings.output;
    result.c_cflag = settings.control;
    result.c_lflag = settings.local;
    result.c_line = settings.discipline;
    for (std::size_t i = 0; i < NCCS; ++i)
        result.c_cc[i] = settings.characters[i];
    if constexpr (requires { result.c_ispeed; }) {
        result.c_ispeed = settings.input_speed;
        result.c_ospeed = settings.output_speed;
    }
    return result;
}

template <typename T>
Settings to_settings(const T& value, const Settings& old) {
    Settings settings = old;
    settings.input = value.c_iflag;
    settings.output = value.c_oflag;
    settings.control = value.c_cflag;
    settings.local = value.c_lflag;
    settings.discipline = value.c_line;
    for (std::size_t i = 0; i < NCCS; ++i)
        settings.characters[i] = value.c_cc[i];
    if constexpr (requires { value.c_ispeed; }) {
        settings.input_speed = value.c_ispeed;
        settings.output_speed = value.c_ospeed;
    }
    return settings;
}

template <typename T>
Result<std::int64_t> get(terminal::Terminal& terminal, std::uint64_t argument) {
    TRY(UserPtr<T>({argument}).write(from_settings<T>(terminal.settings())));
    return 0;
}

template <typename T>
Result<std::int64_t> set(terminal::Terminal& terminal, std::uint64_t argument, When when) {
    T value = TRY(UserPtr<const T>({argument}).read());
    TRY(terminal.set_settings(to_settings(value, terminal.settings()), when));
    return 0;
}

Result<std::int64_t> get_window(terminal::Terminal& terminal, std::uint64_t argument) {
    terminal::WindowSize size = terminal.window_size();
    struct winsize value{};
    value.ws_row = size.rows;
    value.ws_col = size.columns;
    value.ws_xpixel = size.width;
    value.ws_ypixel = size.height;
    TRY(UserPtr<struct winsize>({argument}).write(value));
    return 0;
}

Result<std::int64_t> set_window(terminal::Terminal& terminal, std::uint64_t argument) {
    struct winsize value = TRY(UserPtr<const struct winsize>({argument}).read());
    terminal.set_window_size({value.ws_row, value.ws_col, value.ws_xpixel, value.ws_ypixel});
    return 0;
}

Result<std::int64_t> flush(terminal::Terminal& terminal, std::uint64_t which) {
    if (which > TCIOFLUSH)
        return fail(Error::invalid_argument);
    terminal.flush(which != TCOFLUSH, which != TCIFLUSH);
    return 0;
}

Result<std::int64_t> flow(terminal::Terminal& terminal, std::uint64_t action) {
    switch (action) {
    case TCOOFF:
    case TCOON:
        terminal.set_stopped(action == TCOOFF);
        return 0;
    case TCIOFF:
    case TCION:
        return 0;
    default:
        return fail(Error::invalid_argument);
    }
}

Result<std::int64_t> write_number(std::uint64_t argument, std::int32_t value) {
    TRY(UserPtr<std::int32_t>({argument}).write(value));
    return 0;
}

Result<std::int64_t> job_control_ioctl(terminal::Terminal& terminal, std::uint32_t command, std::uint64_t argument) {
    switch (command) {
    case TIOCGPGRP:
        if (!terminal.is_controlling_current())
            return fail(Error::not_tty);
        return write_number(argument, terminal.foreground_group());
    case TIOCSPGRP:
        TRY(terminal.set_foreground_group(TRY(UserPtr<const std::int32_t>({argument}).read())));
        return 0;
    case TIOCGSID:
        if (!terminal.is_controlling_current())
            return fail(Error::not_tty);
        return write_number(argument, terminal.session());
    case TIOCSCTTY:
        TRY(terminal.make_controlling());
        return 0;
    case TIOCNOTTY:
        TRY(terminal.give_up());
        return 0;
    default:
        return fail(Error::not_tty);
    }
}

/// What only the master of a pseudo-terminal has.
Result<std::int64_t> master_ioctl(terminal::PseudoTerminal& terminal, std::uint32_t command, std::uint64_t argument) {
    switch (command) {
    case TIOCGPTN:
        return write_number(argument, static_cast<std::int32_t>(terminal.number()));
    case TIOCSPTLCK:
        terminal.set_locked(TRY(UserPtr<const std::int32_t>({argument}).read()) != 0);
        return 0;
    case TIOCGPTLCK:
        return write_number(argument, terminal.is_locked());
    default:
        return fail(Error::not_tty);
    }
}

Result<std::int64_t> rest_ioctl(terminal::Terminal& terminal, std::uint32_t command, std::uint64_t argument) {
    switch (command) {
    case TIOCOUTQ:
        return write_number(argument, static_cast<std::int32_t>(terminal.pending_output()));
    case TIOCSTI: { // as if typed: only at one's own terminal
        if (!terminal.is_controlling_current() && !file::CurrentIdentity().is_root())
            return fail(Error::not_permitted);
        char byte = TRY(UserPtr<const char>({argument}).read());
        terminal.receive({&byte, 1});
        return 0;
    }
    case TCSBRK: // 0: a break, which a line without one skips; else tcdrain
        TRY(terminal.drain());
        return 0;
    case TCSBRKP:
        TRY(terminal.drain());
        return 0;
    case TIOCVHANGUP:
        if (!file::CurrentIdentity().is_root())
            return fail(Error::not_permitted);
        terminal.hang_up();
        return 0;
    case TIOCEXCL:
    case TIOCNXCL:
        return 0;
    case TIOCGETD:
        return write_number(argument, terminal.settings().discipline);
    default:
        return job_control_ioctl(terminal, command, argument);
    }
}

} // namespace

Result<std::int64_t>
terminal_ioctl(terminal::Terminal& terminal, file::OpenFile& file, std::uint32_t command, std::uint64_t argument) {
    switch (command) {
    case TIOCGPTN:
    case TIOCSPTLCK:
    case TIOCGPTLCK:
        if (auto* pseudo = terminal::pseudo_terminal_of_master(file))
            return master_ioctl(*pseudo, command, argument);
        return fail(Error::not_tty);
    case TCGETS:
        return get<Termios>(terminal, argument);
    case TCSETS:
        return set<Termios>(terminal, argument, When::now);
    case TCSETSW:
        return set<Termios>(terminal, argument, When::drained);
    case TCSETSF:
        return set<Termios>(terminal, argument, When::drained_and_flushed);
    case TCGETS2:
        return get<Termios2>(terminal, argument);
    case TCSETS2:
        return set<Termios2>(terminal, argument, When::now);
    case TCSETSW2:
        return set<Termios2>(terminal, argument, When::drained);
    case TCSETSF2:
        return set<Termios2>(terminal, argument, When::drained_and_flushed);
    case TIOCGWINSZ:
        return get_window(terminal, argument);
    case TIOCSWINSZ:
        return set_window(terminal, argument);
    case TCFLSH:
        return flush(terminal, argument);
    case TCXONC:
        return flow(terminal, argument);
    default:
        return rest_ioctl(terminal, command, argument);
    }
}

} // namespace abi::linux

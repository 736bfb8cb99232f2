#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace host {

/// How a run ended.
struct Outcome {
    enum class Kind {
        exited,        ///< the program ended by itself; number: its status
        signalled,     ///< a signal ended the program; number: the signal
        refused,       ///< the kernel would not run it; number: 125, 126 or 127
        panicked,      ///< the kernel's own end
        lost,          ///< the machine was gone without a word
        timed_out,     ///< --timeout
        output_closed, ///< nobody reads our standard output any more
        interrupted    ///< a signal to pylon that the guest did not act upon; number: the signal
    };
    Kind kind = Kind::lost;
    int number = 0;
    std::string message;
};

/// The exit status that pylon gives for it.
int exit_status(const Outcome& outcome);

/// A line of the control port ("exit 7", "signal 11", "error 126 not an executable", "panic ..."); nothing when it is
/// none of these.
std::optional<Outcome> parse_control_line(std::string_view line);

} // namespace host

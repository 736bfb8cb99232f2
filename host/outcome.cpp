#include "outcome.hpp"

#include "failure.hpp"

#include <charconv>
#include <csignal>

namespace host {

namespace {

/// The number at the beginning of `text`, which is moved behind it and one space.
std::optional<int> take_number(std::string_view& text, int low, int high) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (error != std::errc{} || number < low || number > high || (!text.empty() && text.front() != ' ')) {
        return std::nullopt;
    }
    text.remove_prefix(text.empty() ? 0 : 1);
    return number;
}

} // namespace

int exit_status(const Outcome& outcome) {
    switch (outcome.kind) {
    case Outcome::Kind::exited:
    case Outcome::Kind::refused:
        return outcome.number;
    case Outcome::Kind::signalled:
    case Outcome::Kind::interrupted:
        return signal_base + outcome.number;
    case Outcome::Kind::timed_out:
        return timed_out;
    case Outcome::Kind::output_closed:
        return signal_base + SIGPIPE;
    case Outcome::Kind::panicked:
    case Outcome::Kind::lost:
        break;
    }
    return own_failure;
}

std::optional<Outcome> parse_control_line(std::string_view line) {
    const std::size_t space = line.find(' ');
    const std::string_view word = line.substr(0, space);
    std::string_view rest = space == std::string_view::npos ? std::string_view{} : line.substr(space + 1);
    if (word == "panic") {
        return Outcome{Outcome::Kind::panicked, 0, std::string(rest)};
    }
    struct Form {
        std::string_view word;
        Outcome::Kind kind;
        int low, high;
    };
    for (const Form& form :
         {Form{"exit", Outcome::Kind::exited, 0, 255}, Form{"signal", Outcome::Kind::signalled, 1, 64},
          Form{"error", Outcome::Kind::refused, own_failure, not_found}}) {
        if (word == form.word) {
            if (const auto number = take_number(rest, form.low, form.high)) {
                return Outcome{form.kind, *number, std::string(rest)};
            }
        }
    }
    return std::nullopt;
}

} // namespace host

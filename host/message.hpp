#pragma once

#include <fmt/format.h>
#include <string_view>

namespace host {

/// Prints one line "pylon: text" on stderr. On a terminal "pylon:" is bold, unless NO_COLOR is set.
/// Works in raw mode too (the line ends with a carriage return there).
void say(std::string_view text);

template <typename... Arguments>
void say(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    say(std::string_view(fmt::format(format, std::forward<Arguments>(arguments)...)));
}

/// True when descriptor `fd` is a terminal on which colour may be used.
bool colour_wanted(int fd);

} // namespace host

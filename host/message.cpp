#include "message.hpp"

#include <cstdlib>
#include <string>
#include <unistd.h>

namespace host {

bool colour_wanted(int fd) {
    const char* no_colour = std::getenv("NO_COLOR");
    return isatty(fd) == 1 && (no_colour == nullptr || *no_colour == '\0');
}

void say(std::string_view text) {
    const std::string name = colour_wanted(STDERR_FILENO) ? "\033[1mpylon:\033[0m " : "pylon: ";
    const std::string line = name + std::string(text) + (isatty(STDERR_FILENO) == 1 ? "\r\n" : "\n");
    // stderr may be closed or full: there is nobody left to tell.
    [[maybe_unused]] const auto written = write(STDERR_FILENO, line.data(), line.size());
}

} // namespace host

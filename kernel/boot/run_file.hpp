#pragma once
// `.tetrapylon/run`: what the host wants run (docs/boot-protocol.md).

#include "lib/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace boot {

/// Where a standard stream of the program goes.
enum class Stream : std::uint8_t { port, tty, null };

/// Whose system calls are told to the host: nobody's, the program's first thread's, also those of all that it makes.
enum class Trace : std::uint8_t { off, program, follow };

/// The records that occur once. Strings point into the file's text.
struct RunFile {
    std::string_view program;
    std::string_view root; // where the program is looked for first: found there, it becomes its root. Empty: nowhere
    std::string_view directory = "/";
    std::string_view personality; // empty: recognise
    bool isolate = false;
    Trace trace = Trace::off;
    Stream input = Stream::tty, output = Stream::tty, errors = Stream::tty;
    std::uint16_t rows = 0, columns = 0; // 0: not said

    /// `text`: NUL-terminated records key=value. Unknown keys are ignored, so that an older kernel starts with a newer
    /// host. Errors: invalid_argument (a record without '=', a bad number or stream, no program).
    static Result<RunFile> parse(std::string_view text);
};

/// Calls visit(value) for each record with this key, in order. A failed Result ends the walk and is returned.
template <typename Visit>
Result<> for_each_record(std::string_view text, std::string_view key, Visit visit) {
    while (!text.empty()) {
        const std::size_t end = text.find('\0');
        const std::string_view record = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (record.size() > key.size() && record.starts_with(key) && record[key.size()] == '=')
            TRY(visit(record.substr(key.size() + 1)));
    }
    return {};
}

} // namespace boot

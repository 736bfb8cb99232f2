#include "boot/run_file.hpp"

namespace boot {
namespace {

Result<Stream> to_stream(std::string_view value) {
    if (value == "port")
        return Stream::port;
    if (value == "tty")
        return Stream::tty;
    if (value == "null")
        return Stream::null;
    return fail(Error::invalid_argument);
}

Result<std::uint16_t> to_number(std::string_view value) {
    std::uint32_t number = 0;
    if (value.empty() || value.size() > 5)
        return fail(Error::invalid_argument);
    for (const char digit : value) {
        if (digit < '0' || digit > '9')
            return fail(Error::invalid_argument);
        number = number * 10 + static_cast<std::uint32_t>(digit - '0');
    }
    if (number > 0xffff)
        return fail(Error::invalid_argument);
    return static_cast<std::uint16_t>(number);
}

Result<> take(RunFile& run, std::string_view key, std::string_view value) {
    if (key == "program")
        run.program = value;
    else if (key == "root")
        run.root = value;
    else if (key == "cwd")
        run.directory = value;
    else if (key == "abi")
        run.personality = value == "auto" ? std::string_view() : value;
    else if (key == "trace")
        run.trace = value == "follow" ? Trace::follow : value == "program" ? Trace::program : Trace::off;
    else if (key == "isolate")
        run.isolate = value == "1";
    else if (key == "stdin")
        run.input = TRY(to_stream(value));
    else if (key == "stdout")
        run.output = TRY(to_stream(value));
    else if (key == "stderr")
        run.errors = TRY(to_stream(value));
    else if (key == "rows")
        run.rows = TRY(to_number(value));
    else if (key == "columns")
        run.columns = TRY(to_number(value));
    return {};
}

} // namespace

Result<RunFile> RunFile::parse(std::string_view text) {
    RunFile run;
    while (!text.empty()) {
        const std::size_t end = text.find('\0');
        const std::string_view record = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        const std::size_t equals = record.find('=');
        if (equals == std::string_view::npos)
            return fail(Error::invalid_argument);
        TRY(take(run, record.substr(0, equals), record.substr(equals + 1)));
    }
    if (run.program.empty())
        return fail(Error::invalid_argument);
    return run;
}

} // namespace boot

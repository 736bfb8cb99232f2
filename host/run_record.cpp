#include "run_record.hpp"

#include "program.hpp"

#include <cstdlib>
#include <fmt/format.h>

namespace host {

namespace {

/// The environment: a small usual one, then what --env asks for (which replaces).
std::vector<std::string> environment_of(const RunOptions& options, bool with_terminal) {
    std::vector<std::string> environment{
        "PATH=/sbin:/usr/sbin:/bin:/usr/bin", "HOME=/root", "USER=root", "SHELL=/bin/sh"};
    const char* terminal = std::getenv("TERM");
    if (with_terminal) {
        environment.push_back(fmt::format("TERM={}", terminal != nullptr && *terminal != '\0' ? terminal : "vt100"));
    }
    for (const std::string& wanted : options.environment) {
        const std::string_view name = std::string_view(wanted).substr(0, wanted.find('=') + 1);
        std::erase_if(environment, [name](const std::string& known) { return known.starts_with(name); });
        environment.push_back(wanted);
    }
    return environment;
}

} // namespace

std::string run_record(
    const RunOptions& options, std::string_view program, const TerminalStreams& terminal, const WindowSize& size) {
    std::string record;
    const auto add = [&record](std::string_view key, std::string_view value) {
        record.append(key).append("=").append(value).push_back('\0');
    };
    const auto stream = [](bool is_terminal) { return is_terminal ? "tty" : "port"; };
    add("program", program);
    for (const std::string& argument : options.program) {
        add("arg", argument);
    }
    for (const std::string& variable : environment_of(options, terminal.any())) {
        add("env", variable);
    }
    if (is_on_disk(options)) {
        add("root", "/xv6");
    }
    add("cwd", options.working_directory);
    add("abi", options.abi);
    add("isolate", options.isolate ? "1" : "0");
    if (!options.trace.empty()) {
        add("trace", options.trace);
    }
    add("stdin", stream(terminal.in));
    add("stdout", stream(terminal.out));
    add("stderr", stream(terminal.err));
    if (terminal.any()) {
        add("rows", std::to_string(size.rows));
        add("columns", std::to_string(size.columns));
    }
    return record;
}

} // namespace host

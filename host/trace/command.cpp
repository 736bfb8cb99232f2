#include "trace/command.hpp"

#include "descriptor.hpp"
#include "failure.hpp"
#include "message.hpp"
#include "places.hpp"
#include "program.hpp"
#include "run.hpp"
#include "trace/printer.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <optional>
#include <unistd.h>

namespace host::trace {

namespace {

/// Writes all, as far as somebody reads it.
void write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = write(fd, text.data(), text.size());
        if (count < 0 && errno != EINTR && errno != EAGAIN) {
            return;
        }
        text.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
    }
}

class Tracer : public RunObserver {
public:
    Tracer(int fd, const PrintOptions& options, const Tables& tables, Filter filter)
        : fd_(fd), printer_(options, tables, std::move(filter)) {}

    int output() override { return fd_; }

    std::string take(std::string_view bytes) override {
        std::string text;
        const bool was_broken = reader_.is_broken();
        reader_.feed(bytes, [&](const Record& record) { text += printer_.print(record); });
        if (reader_.is_broken() && !was_broken) {
            say("the trace from the kernel cannot be read any further");
        }
        return text;
    }

    void ended(const Outcome& outcome) override { write_all(fd_, printer_.finish(outcome)); }

private:
    int fd_;
    Reader reader_;
    Printer printer_;
};

} // namespace

int trace(RunOptions run_options, const TraceOptions& options) {
    if (run_options.program.empty()) {
        throw Failure(own_failure, "trace needs a program, as in: pylon trace -- busybox ls");
    }
    const Program program = find_program(run_options);
    const std::string preset = std::string(name_of(program.isa)) + (run_options.checked ? "-debug" : "");
    build_preset(preset);
    const Tables tables(read_call_tables(source_tree() / "build" / preset / "tetrapylon.elf"));
    Filter filter = options.set.empty() ? Filter() : Filter(options.set, tables);
    Descriptor file;
    if (!options.output.empty()) {
        file = Descriptor(open(options.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
        if (!file.is_open()) {
            throw Failure(own_failure, fmt::format("-o {}: {}", options.output, std::strerror(errno)));
        }
    }
    const PrintOptions print{
        .isa = program.isa,
        .follow = options.follow,
        .always_pid = options.follow && file.is_open(),
        .lines = !options.only_summary,
        .summary = options.only_summary || options.also_summary,
        .times = options.times,
        .json = options.json,
        .strings = options.strings};
    Tracer tracer(file.is_open() ? file.get() : STDERR_FILENO, print, tables, std::move(filter));
    run_options.trace = options.follow ? "follow" : "program";
    return run(std::move(run_options), &tracer);
}

} // namespace host::trace

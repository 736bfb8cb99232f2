#include "trace/printer.hpp"

#include "trace/arguments.hpp"
#include "trace/call_names.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <vector>

namespace host::trace {

namespace {

/// strace aligns the result at this column (its option -a).
constexpr std::size_t result_column = 39;

std::string padded(std::string text) {
    if (text.size() < result_column) {
        text.resize(result_column, ' ');
    }
    return text;
}

bool ends_thread(std::string_view call) {
    return call == "exit" || call == "exit_group";
}

} // namespace

Printer::Printer(PrintOptions options, const Tables& tables, Filter filter)
    : options_(options), tables_(tables), filter_(std::move(filter)) {}

const CallRow* Printer::row_of(const Record& enter) const {
    return enter.unsupported ? nullptr : tables_.find(enter.personality, enter.number);
}

std::string Printer::name_of(const Record& enter) const {
    if (const CallRow* row = row_of(enter)) {
        return row->name;
    }
    const Item* name = enter.item(Item::name);
    return name == nullptr || name->bytes.empty() ? fmt::format("syscall_{:#x}", enter.number) : name->bytes;
}

bool Printer::is_shown(const Record& enter) const {
    return filter_.shows(name_of(enter), row_of(enter));
}

std::string Printer::who(const Record& record) const {
    if (!options_.follow) {
        return {};
    }
    if (options_.always_pid) {
        return fmt::format("{:<5} ", record.thread);
    }
    return many_ ? fmt::format("[pid {:5}] ", record.thread) : std::string();
}

std::string Printer::print(const Record& record) {
    if (!first_thread_) {
        first_thread_ = record.thread;
    }
    many_ = many_ || record.thread != first_thread_;
    return record.kind == Record::Kind::enter ? begin(record) : end(record);
}

/// The first half of the call that is open, when another thread comes in between.
std::string Printer::break_off() {
    if (!open_) {
        return {};
    }
    Pending& call = pending_.at(*open_);
    open_.reset();
    if (ends_thread(name_of(call.enter))) {
        std::string text = end_of(call.enter.thread, call);
        pending_.erase(call.enter.thread);
        return text;
    }
    if (!options_.lines || options_.json || !is_shown(call.enter)) {
        return {};
    }
    call.unfinished = true;
    const auto words = argument_words(options_.isa, call.enter, nullptr, row_of(call.enter), options_.strings);
    return fmt::format("{}{}({} <unfinished ...>\n", who(call.enter), name_of(call.enter), fmt::join(words, ", "));
}

std::string Printer::begin(const Record& enter) {
    std::string text = open_ && *open_ != enter.thread ? break_off() : std::string();
    pending_[enter.thread] = {enter, false};
    open_ = enter.thread;
    return text;
}

std::string Printer::end(const Record& leave) {
    const auto at = pending_.find(leave.thread);
    if (at == pending_.end()) {
        return {}; // it was under way when tracing began
    }
    std::string text = open_ && *open_ != leave.thread ? break_off() : std::string();
    const Pending call = std::move(at->second);
    pending_.erase(at);
    open_.reset();
    if (!is_shown(call.enter)) {
        return text;
    }
    count(call.enter, leave);
    if (options_.json) {
        text += json_of(call.enter, &leave) + "\n";
    } else if (options_.lines) {
        text += line_of(call, leave);
    }
    return text;
}

std::string Printer::line_of(const Pending& call, const Record& leave) const {
    const std::string name = name_of(call.enter);
    const auto words = argument_words(options_.isa, call.enter, &leave, row_of(call.enter), options_.strings);
    std::string left =
        call.unfinished ? fmt::format("<... {} resumed>)", name) : fmt::format("{}({})", name, fmt::join(words, ", "));
    std::string line = fmt::format("{}{} = {}", who(leave), padded(std::move(left)), result_words(leave, name));
    if (call.enter.unsupported) {
        line += " <not supported>";
    }
    if (options_.times) {
        const std::uint64_t nanoseconds = leave.time - call.enter.time;
        line += fmt::format(" <{}.{:06}>", nanoseconds / 1'000'000'000, nanoseconds / 1000 % 1'000'000);
    }
    return line + "\n";
}

std::string Printer::json_of(const Record& enter, const Record* leave) const {
    const std::string name = name_of(enter);
    nlohmann::ordered_json one{
        {"pid", enter.process},
        {"tid", enter.thread},
        {"time_ns", enter.time},
        {"personality", enter.personality},
        {"call", name},
        {"number", enter.number},
        {"supported", !enter.unsupported},
        {"arguments", argument_words(options_.isa, enter, leave, row_of(enter), options_.strings)}};
    if (leave == nullptr) {
        one["result"] = nullptr;
    } else {
        one["result"] = static_cast<std::int64_t>(leave->word(0));
        one["duration_ns"] = leave->time - enter.time;
        if (const int error = error_of(*leave); error != 0) {
            one["error"] = error_name(error);
        }
        if (leave->restarts) {
            one["result"] = nullptr;
            one["error"] = "ERESTARTSYS";
        }
    }
    return one.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void Printer::count(const Record& enter, const Record& leave) {
    Sum& sum = sums_[name_of(enter)];
    sum.calls++;
    sum.time += leave.time - enter.time;
    sum.errors += error_of(leave) != 0 || leave.restarts ? 1U : 0U;
}

/// A call that never returned: the thread ended in it, or the run did.
std::string Printer::end_of(std::uint32_t thread, const Pending& call) {
    const std::string name = name_of(call.enter);
    if (!is_shown(call.enter)) {
        return {};
    }
    if (ends_thread(name)) {
        sums_[name].calls++;
    }
    if (options_.json) {
        return json_of(call.enter, nullptr) + "\n";
    }
    if (!options_.lines) {
        return {};
    }
    const auto words = argument_words(options_.isa, call.enter, nullptr, row_of(call.enter), options_.strings);
    const std::string left =
        call.unfinished ? fmt::format("<... {} resumed>)", name) : fmt::format("{}({})", name, fmt::join(words, ", "));
    std::string text = fmt::format("{}{} = ?\n", who(call.enter), padded(left));
    if (ends_thread(name) && thread != first_thread_) {
        text += fmt::format("{}+++ exited with {} +++\n", who(call.enter), call.enter.word(0) & 0xff);
    }
    return text;
}

std::string Printer::finish(const Outcome& outcome) {
    std::string text;
    for (const auto& [thread, call] : pending_) {
        if (thread != first_thread_) {
            text += end_of(thread, call);
        }
    }
    if (first_thread_ && pending_.contains(*first_thread_)) {
        text += end_of(*first_thread_, pending_.at(*first_thread_));
    }
    if (options_.lines && !options_.json && first_thread_) {
        Record first;
        first.thread = *first_thread_;
        if (outcome.kind == Outcome::Kind::exited) {
            text += fmt::format("{}+++ exited with {} +++\n", who(first), outcome.number);
        } else if (outcome.kind == Outcome::Kind::signalled) {
            text += fmt::format(
                "{}+++ killed by {} +++\n", who(first), signal_name(static_cast<std::uint64_t>(outcome.number)));
        }
    }
    return options_.summary ? text + summary() : text;
}

std::string Printer::summary() const {
    std::vector<std::pair<std::string, Sum>> rows(sums_.begin(), sums_.end());
    std::ranges::stable_sort(rows, [](const auto& a, const auto& b) { return a.second.time > b.second.time; });
    Sum all;
    for (const auto& [name, sum] : rows) {
        all.time += sum.time;
        all.calls += sum.calls;
        all.errors += sum.errors;
    }
    constexpr double to_seconds = 1e-9;
    std::string text = "% time     seconds  usecs/call     calls    errors syscall\n"
                       "------ ----------- ----------- --------- --------- ----------------\n";
    const auto add = [&](const std::string& name, const Sum& sum) {
        const double share = all.time == 0 ? 0 : 100.0 * static_cast<double>(sum.time) / static_cast<double>(all.time);
        fmt::format_to(
            std::back_inserter(text), "{:6.2f} {:11.6f} {:11} {:9} {:>9} {}\n", share,
            static_cast<double>(sum.time) * to_seconds, sum.calls == 0 ? 0 : sum.time / 1000 / sum.calls, sum.calls,
            sum.errors == 0 ? std::string() : std::to_string(sum.errors), name);
    };
    for (const auto& [name, sum] : rows) {
        add(name, sum);
    }
    text += "------ ----------- ----------- --------- --------- ----------------\n";
    add("total", all);
    return text;
}

} // namespace host::trace

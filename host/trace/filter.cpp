#include "trace/filter.hpp"

#include "failure.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace host::trace {

namespace {

constexpr std::array<std::string_view, 6> class_names{"file", "desc", "process", "signal", "memory", "time"};
constexpr std::array<std::string_view, 12> process_calls{"clone", "clone3",     "fork",  "vfork",  "execve", "execveat",
                                                         "exit",  "exit_group", "wait4", "waitid", "kill",   "tgkill"};
constexpr std::array<std::string_view, 12> memory_calls{"brk",     "mmap",    "munmap",   "mprotect",
                                                        "mremap",  "madvise", "msync",    "mlock",
                                                        "munlock", "mincore", "mlockall", "munlockall"};
constexpr std::array<std::string_view, 9> time_calls{"clock_gettime", "clock_settime", "clock_getres",
                                                     "gettimeofday",  "settimeofday",  "time",
                                                     "adjtimex",      "times",         "clock_adjtime"};

bool has_kind(const CallRow* row, ArgumentKind kind) {
    return row != nullptr && std::ranges::contains(row->kinds, kind);
}

bool is_in_class(std::string_view name, std::string_view call, const CallRow* row) {
    if (name == "file") {
        return has_kind(row, ArgumentKind::string);
    }
    if (name == "desc") {
        return has_kind(row, ArgumentKind::descriptor);
    }
    if (name == "signal") {
        return has_kind(row, ArgumentKind::signal) || call.starts_with("rt_sig") || call.starts_with("sig");
    }
    if (name == "process") {
        return std::ranges::contains(process_calls, call);
    }
    return name == "memory" ? std::ranges::contains(memory_calls, call) : std::ranges::contains(time_calls, call);
}

} // namespace

Filter::Filter(std::string_view set, const Tables& tables) {
    const std::size_t equals = set.find('=');
    if (equals != std::string_view::npos) {
        const std::string_view qualifier = set.substr(0, equals);
        if (qualifier != "trace" && qualifier != "t") {
            throw Failure(own_failure, fmt::format("-e {}: only trace= is there", set));
        }
        set.remove_prefix(equals + 1);
    }
    if (set.starts_with('!')) {
        inverted_ = true;
        set.remove_prefix(1);
    }
    everything_ = set == "all";
    if (everything_ || set == "none") {
        return;
    }
    while (!set.empty()) {
        std::string_view word = set.substr(0, set.find(','));
        set.remove_prefix(std::min(set.size(), word.size() + 1));
        const bool may_be_missing = word.starts_with('?');
        word.remove_prefix(may_be_missing ? 1 : 0);
        const bool is_class = word.starts_with('%');
        word.remove_prefix(is_class ? 1 : 0);
        if (is_class || (std::ranges::contains(class_names, word) && !tables.knows(std::string(word)))) {
            if (!std::ranges::contains(class_names, word)) {
                throw Failure(
                    own_failure, fmt::format("-e %{}: the classes are %{}", word, fmt::join(class_names, ", %")));
            }
            classes_.emplace(word);
        } else if (may_be_missing || tables.knows(std::string(word))) {
            names_.emplace(word);
        } else {
            throw Failure(own_failure, fmt::format("-e {}: there is no such system call", word));
        }
    }
}

bool Filter::shows(std::string_view name, const CallRow* row) const {
    const bool named =
        everything_ || names_.contains(name)
        || std::ranges::any_of(classes_, [&](const std::string& one) { return is_in_class(one, name, row); });
    return named != inverted_;
}

} // namespace host::trace

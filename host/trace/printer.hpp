#pragma once

#include "isa.hpp"
#include "outcome.hpp"
#include "trace/filter.hpp"
#include "trace/record.hpp"
#include "trace/tables.hpp"

#include <map>
#include <optional>
#include <string>

namespace host::trace {

struct PrintOptions {
    Isa isa = Isa::aarch64;
    bool follow = false;      ///< -f: lines say whose call it is
    bool always_pid = false;  ///< -f with -o: on every line, as strace does
    bool lines = true;        ///< not with -c
    bool summary = false;     ///< -c, -C
    bool times = false;       ///< -T: the time spent in the call
    bool json = false;        ///< one object for each call in place of strace's lines
    std::size_t strings = 32; ///< -s: bytes shown of a buffer
};

/// Records to text. A call is shown when it has ended; when another thread's call comes in between, it is shown as
/// "unfinished" and later as "resumed", as strace does.
class Printer {
public:
    Printer(PrintOptions options, const Tables& tables, Filter filter);

    /// The text that a record adds.
    std::string print(const Record& record);
    /// What is left at the end of the run: calls that did not return, how the program ended, the summary.
    std::string finish(const Outcome& outcome);

private:
    struct Pending {
        Record enter;
        bool unfinished = false; ///< its first half has been shown
    };
    struct Sum {
        std::uint64_t time = 0;
        std::uint64_t calls = 0;
        std::uint64_t errors = 0;
    };

    [[nodiscard]] std::string name_of(const Record& enter) const;
    [[nodiscard]] const CallRow* row_of(const Record& enter) const;
    [[nodiscard]] bool is_shown(const Record& enter) const;
    [[nodiscard]] std::string who(const Record& record) const;
    std::string break_off();
    std::string begin(const Record& enter);
    std::string end(const Record& leave);
    [[nodiscard]] std::string line_of(const Pending& call, const Record& leave) const;
    [[nodiscard]] std::string json_of(const Record& enter, const Record* leave) const;
    void count(const Record& enter, const Record& leave);
    std::string end_of(std::uint32_t thread, const Pending& call);
    [[nodiscard]] std::string summary() const;

    PrintOptions options_;
    const Tables& tables_;
    Filter filter_;
    std::map<std::uint32_t, Pending> pending_; ///< by thread
    std::optional<std::uint32_t> open_;        ///< the thread whose call came last and has not ended
    std::optional<std::uint32_t> first_thread_;
    bool many_ = false; ///< more than one thread was seen
    std::map<std::string, Sum> sums_;
};

} // namespace host::trace

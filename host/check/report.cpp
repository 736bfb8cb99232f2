#include "check/report.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

namespace host::check {

namespace {

/// Library functions that make a call of another name (on the ISAs that have only the newer call).
struct Alias {
    std::string_view function;
    std::string_view call;
};
constexpr std::array aliases{
    Alias{"open", "openat"},
    Alias{"open64", "openat"},
    Alias{"openat64", "openat"},
    Alias{"fopen", "openat"},
    Alias{"fopen64", "openat"},
    Alias{"creat", "openat"},
    Alias{"fread", "read"},
    Alias{"fgets", "read"},
    Alias{"getline", "read"},
    Alias{"fwrite", "write"},
    Alias{"puts", "write"},
    Alias{"printf", "write"},
    Alias{"fprintf", "write"},
    Alias{"__printf_chk", "write"},
    Alias{"__fprintf_chk", "write"},
    Alias{"putchar", "write"},
    Alias{"fclose", "close"},
    Alias{"fork", "clone"},
    Alias{"vfork", "clone"},
    Alias{"pipe", "pipe2"},
    Alias{"dup2", "dup3"},
    Alias{"stat", "newfstatat"},
    Alias{"stat64", "newfstatat"},
    Alias{"lstat", "newfstatat"},
    Alias{"lstat64", "newfstatat"},
    Alias{"fstat", "fstat"},
    Alias{"fstat64", "fstat"},
    Alias{"fstatat", "newfstatat"},
    Alias{"access", "faccessat"},
    Alias{"mkdir", "mkdirat"},
    Alias{"rmdir", "unlinkat"},
    Alias{"unlink", "unlinkat"},
    Alias{"remove", "unlinkat"},
    Alias{"rename", "renameat2"},
    Alias{"link", "linkat"},
    Alias{"symlink", "symlinkat"},
    Alias{"readlink", "readlinkat"},
    Alias{"chmod", "fchmodat"},
    Alias{"chown", "fchownat"},
    Alias{"mknod", "mknodat"},
    Alias{"opendir", "openat"},
    Alias{"readdir", "getdents64"},
    Alias{"readdir64", "getdents64"},
    Alias{"execv", "execve"},
    Alias{"execvp", "execve"},
    Alias{"execl", "execve"},
    Alias{"execlp", "execve"},
    Alias{"wait", "wait4"},
    Alias{"waitpid", "wait4"},
    Alias{"poll", "ppoll"},
    Alias{"select", "pselect6"},
    Alias{"epoll_create", "epoll_create1"},
    Alias{"epoll_wait", "epoll_pwait"},
    Alias{"sleep", "clock_nanosleep"},
    Alias{"usleep", "clock_nanosleep"},
    Alias{"nanosleep", "clock_nanosleep"},
    Alias{"alarm", "setitimer"},
    Alias{"sigaction", "rt_sigaction"},
    Alias{"signal", "rt_sigaction"},
    Alias{"sigprocmask", "rt_sigprocmask"},
    Alias{"sigsuspend", "rt_sigsuspend"},
    Alias{"raise", "tgkill"},
    Alias{"abort", "tgkill"},
    Alias{"isatty", "ioctl"},
    Alias{"tcgetattr", "ioctl"},
    Alias{"tcsetattr", "ioctl"},
    Alias{"mmap64", "mmap"},
    Alias{"malloc", "brk"},
    Alias{"lseek64", "lseek"},
    Alias{"fseek", "lseek"},
    Alias{"exit", "exit_group"},
    Alias{"_exit", "exit_group"},
    Alias{"pthread_create", "clone3"},
    Alias{"pthread_mutex_lock", "futex"},
    Alias{"sysconf", "sched_getaffinity"},
    Alias{"getrlimit", "prlimit64"},
    Alias{"setrlimit", "prlimit64"},
    Alias{"gethostname", "uname"},
    Alias{"getdents", "getdents64"},
    Alias{"send", "sendto"},
    Alias{"recv", "recvfrom"},
    Alias{"getaddrinfo", "socket"},
    Alias{"syslog", "socket"},
    Alias{"shm_open", "openat"},
    Alias{"sem_wait", "futex"},
    Alias{"time", "clock_gettime"},
    Alias{"gettimeofday", "clock_gettime"},
};

class Judge {
public:
    explicit Judge(const CallTable& table) : table_(table) {
        for (const CallRow& row : table.rows) {
            rows_[row.number] = &row;
            numbers_[row.name] = row.number;
        }
        for (const auto& [number, name] : table.names) {
            numbers_.try_emplace(name, number);
        }
    }

    void call(unsigned number, const std::string& where) {
        if (!seen_.insert(number).second) {
            return;
        }
        const auto row = rows_.find(number);
        const auto name = table_.names.find(number);
        const Wanted wanted{
            row != rows_.end()           ? row->second->name
            : name != table_.names.end() ? name->second
                                         : fmt::format("number {}", number),
            number, where};
        if (row == rows_.end() || row->second->absent) {
            report.missing.push_back(wanted);
        } else if (row->second->partial) {
            report.partial.emplace_back(wanted, row->second->note);
        } else {
            report.supported.push_back(wanted);
        }
    }

    void import(const std::string& function) {
        const auto own = numbers_.find(function);
        const auto alias = std::ranges::find(aliases, std::string_view(function), &Alias::function);
        const auto other = alias == aliases.end() ? numbers_.end() : numbers_.find(std::string(alias->call));
        if (own != numbers_.end()) {
            call(own->second, function);
        } else if (other != numbers_.end()) {
            call(other->second, function);
        } else {
            report.unjudged.push_back(function);
        }
    }

    Report report;

private:
    const CallTable& table_;
    std::map<unsigned, const CallRow*> rows_;
    std::map<std::string, unsigned> numbers_;
    std::set<unsigned> seen_;
};

void add_names(std::string& text, const std::vector<Wanted>& calls) {
    constexpr std::size_t width = 100;
    std::string line = " ";
    for (const Wanted& wanted : calls) {
        if (line.size() + wanted.name.size() > width) {
            text += line + "\n";
            line = " ";
        }
        line += " " + wanted.name;
    }
    text += line.size() > 1 ? line + "\n" : std::string();
}

nlohmann::ordered_json call_json(const Wanted& wanted) {
    return {{"name", wanted.name}, {"number", wanted.number}, {"where", wanted.where}};
}

nlohmann::ordered_json calls_json(const std::vector<Wanted>& calls) {
    auto list = nlohmann::ordered_json::array();
    for (const Wanted& wanted : calls) {
        list.push_back(call_json(wanted));
    }
    return list;
}

} // namespace

Report judge(const ElfProgram& program, const Found& found, const CallTable& table) {
    Judge judge(table);
    for (const auto& [number, address] : found.calls) {
        judge.call(number, fmt::format("{:#x}", address));
    }
    for (const std::string& function : program.imports) {
        judge.import(function);
    }
    Report& report = judge.report;
    report.undecided.assign(found.undecided.begin(), found.undecided.end());
    report.traps = found.traps;
    for (std::vector<Wanted>* list : {&report.supported, &report.missing}) {
        std::ranges::sort(*list, {}, &Wanted::name);
    }
    std::ranges::sort(report.unjudged);
    const auto repeated = std::ranges::unique(report.unjudged);
    report.unjudged.erase(repeated.begin(), repeated.end());
    return std::move(report);
}

std::string as_text(const Report& report, const ElfProgram& program, const std::string& name, const std::string& abi) {
    std::string text;
    const auto add = [&]<typename... Args>(fmt::format_string<Args...> format, Args&&... arguments) {
        fmt::format_to(std::back_inserter(text), format, std::forward<Args>(arguments)...);
    };
    add("{}: {}, {}; {} trap instruction{}, compared with the {} calls\n", name, name_of(program.isa),
        program.interpreter.empty() ? std::string("statically linked")
                                    : fmt::format("dynamically linked ({})", fmt::join(program.libraries, ", ")),
        report.traps, report.traps == 1 ? "" : "s", abi);
    add("supported: {}\n", report.supported.size());
    add_names(text, report.supported);
    add("supported in part: {}\n", report.partial.size());
    for (const auto& [wanted, note] : report.partial) {
        add("  {}: {}\n", wanted.name, note);
    }
    add("NOT supported: {}\n", report.missing.size());
    for (const Wanted& wanted : report.missing) {
        add("  {} ({}) at {}\n", wanted.name, wanted.number, wanted.where);
    }
    add("not decided: {} trap instruction{} whose number is no constant", report.undecided.size(),
        report.undecided.size() == 1 ? "" : "s");
    for (std::size_t i = 0; i < report.undecided.size() && i < 5; i++) {
        add("{}{:#x}", i == 0 ? ": " : ", ", report.undecided[i]);
    }
    add("{}\n", report.undecided.size() > 5 ? ", ..." : "");
    if (!program.interpreter.empty()) {
        add("  and {} library functions that stand for no one call; the libraries' own code was not read\n",
            report.unjudged.size());
    }
    return text;
}

nlohmann::ordered_json as_json(const Report& report, const ElfProgram& program, const std::string& abi) {
    auto partial = nlohmann::ordered_json::array();
    for (const auto& [wanted, note] : report.partial) {
        auto one = call_json(wanted);
        one["note"] = note;
        partial.push_back(std::move(one));
    }
    auto undecided = nlohmann::ordered_json::array();
    for (const std::uint64_t address : report.undecided) {
        undecided.push_back(fmt::format("{:#x}", address));
    }
    return {
        {"version", 1},
        {"isa", name_of(program.isa)},
        {"personality", abi},
        {"interpreter", program.interpreter},
        {"libraries", program.libraries},
        {"traps", report.traps},
        {"supported", calls_json(report.supported)},
        {"partial", std::move(partial)},
        {"missing", calls_json(report.missing)},
        {"undecided", std::move(undecided)},
        {"unjudged_functions", report.unjudged}};
}

} // namespace host::check

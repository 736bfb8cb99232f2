#include "walk/walked_machine.hpp"

#include "cpio.hpp"
#include "failure.hpp"
#include "relay.hpp"
#include "root.hpp"

#include <array>
#include <cstdlib>
#include <deque>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <sys/socket.h>

namespace host::walk {

namespace fs = std::filesystem;

namespace {

std::string words_of(const Outcome& outcome) {
    switch (outcome.kind) {
    case Outcome::Kind::exited:
        return fmt::format("the program ended with status {}", outcome.number);
    case Outcome::Kind::signalled:
        return fmt::format("signal {} ended the program", outcome.number);
    case Outcome::Kind::refused:
        return "the kernel would not run the program: " + outcome.message;
    case Outcome::Kind::panicked:
        return "the kernel panicked: " + outcome.message;
    default:
        return {};
    }
}

std::string joined(const std::string& first, const std::string& second) {
    return first.empty() || second.empty() ? first + second : first + "\n" + second;
}

class OwnMachine : public WalkedMachine {
public:
    OwnMachine(const Program& program, RunOptions options) : null_(open("/dev/null", O_RDWR | O_CLOEXEC)) {
        options.stopped = true;
        MachineFiles files = boot_files(program, options, {}, folder_.path());
        Channels channels;
        auto [stub, theirs] = socket_pair();
        files.channels = channels.guest_numbers();
        files.gdb_socket = theirs.get();
        std::vector<int> inherited(files.channels.begin(), files.channels.end());
        inherited.push_back(files.gdb_socket);
        machine_.emplace(qemu_command(program.isa, options, files), inherited);
        stub_ = std::move(stub);
        RelaySetup setup;
        setup.channels = std::move(channels.own);
        setup.in = setup.out = setup.err = null_.get();
        setup.greets = program.isa == Isa::riscv64;
        relay_ = std::thread([this, setup = std::move(setup)]() mutable { outcome_ = Relay(std::move(setup)).run(); });
    }
    ~OwnMachine() override { OwnMachine::end(); }
    OwnMachine(const OwnMachine&) = delete;
    OwnMachine& operator=(const OwnMachine&) = delete;

    std::string end() override {
        if (!relay_.joinable()) {
            return {};
        }
        const std::string said = machine_->end();
        relay_.join();
        return joined(words_of(outcome_), said);
    }

private:
    Descriptor null_;
    Outcome outcome_;
    std::thread relay_;
};

/// Keeps a guest's console flowing, and the last lines of it.
class Console {
public:
    Console(Descriptor socket, std::string typed) : socket_(std::move(socket)), typed_(std::move(typed)) {
        thread_ = std::thread([this] { run(); });
    }
    ~Console() { join(); }
    Console(const Console&) = delete;

    /// Returns when the guest's end is closed.
    void join() {
        if (thread_.joinable()) {
            thread_.join();
        }
    }
    /// Behind join().
    [[nodiscard]] std::string last_lines() const { return fmt::format("{}", fmt::join(lines_, "\n")); }

private:
    static constexpr int silence_milliseconds = 300;
    static constexpr std::size_t lines_kept = 8;

    void run() {
        std::array<char, 4096> bytes{};
        bool spoke = false;
        for (;;) {
            pollfd readable{.fd = socket_.get(), .events = POLLIN, .revents = 0};
            if (poll(&readable, 1, silence_milliseconds) == 0) {
                if (spoke) {
                    type_a_line();
                    spoke = false;
                }
                continue;
            }
            const ssize_t count = recv(socket_.get(), bytes.data(), bytes.size(), 0);
            if (count <= 0) {
                return;
            }
            spoke = true;
            for (ssize_t i = 0; i < count; i++) {
                take(bytes.at(static_cast<std::size_t>(i)));
            }
        }
    }

    void type_a_line() {
        const std::size_t end = std::min(typed_.find('\n'), typed_.size() - 1) + 1;
        if (!typed_.empty()) {
            send(socket_.get(), typed_.data(), end, MSG_NOSIGNAL);
            typed_.erase(0, end);
        }
    }

    void take(char c) {
        if (c == '\n') {
            if (!line_.empty()) {
                lines_.push_back("  " + std::exchange(line_, {}));
            }
            if (lines_.size() > lines_kept) {
                lines_.pop_front();
            }
        } else if (c >= ' ') {
            line_ += c;
        }
    }

    Descriptor socket_;
    std::string typed_, line_;
    std::deque<std::string> lines_;
    std::thread thread_;
};

std::string replaced(std::string text, std::string_view what, const std::string& with) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
        text.replace(at, what.size(), with);
    }
    return text;
}

class ForeignMachine : public WalkedMachine {
public:
    ForeignMachine(Isa isa, const RunOptions& options, const KernelMap& map, const ForeignFiles& files) {
        auto [stub, stub_end] = socket_pair();
        auto [console, console_end] = socket_pair();
        const std::vector<std::string> words = command(isa, options, map, files, stub_end.get(), console_end.get());
        machine_.emplace(words, std::vector<int>{stub_end.get(), console_end.get()});
        stub_ = std::move(stub);
        console_.emplace(std::move(console), files.typed.empty() ? files.typed : files.typed + "\n");
    }
    ~ForeignMachine() override { ForeignMachine::end(); }
    ForeignMachine(const ForeignMachine&) = delete;
    ForeignMachine& operator=(const ForeignMachine&) = delete;

    std::string end() override {
        if (!console_) {
            return {};
        }
        const std::string said = machine_->end();
        console_->join();
        const std::string lines = console_->last_lines();
        console_.reset();
        return joined(lines.empty() ? lines : "its console said last:\n" + lines, said);
    }

private:
    std::vector<std::string> command(
        Isa isa, const RunOptions& options, const KernelMap& map, const ForeignFiles& files, int stub, int console) {
        const MachineWords& own = map.machine;
        const auto first_of = [](const std::string& a, const std::string& b, const char* c) {
            return !a.empty() ? a : !b.empty() ? b : std::string(c);
        };
        const bool is_x86 = isa == Isa::x86_64;
        const std::string cpu = isa == Isa::aarch64 ? "cortex-a53" : isa == Isa::riscv64 ? "rv64" : "qemu64";
        const auto memory =
            parse_size(options.memory == RunOptions().memory ? first_of(own.memory, "", "512M") : options.memory);
        std::vector<std::string> words{
            fmt::format("qemu-system-{}", name_of(isa)),
            "-nodefaults",
            "-no-user-config",
            "-no-reboot",
            "-display",
            "none",
            "-S",
            "-machine",
            first_of(options.machine, own.machine, is_x86 ? "q35" : "virt"),
            "-cpu",
            first_of(options.cpu, own.cpu, cpu.c_str()),
            "-smp",
            std::to_string(options.smp),
            "-m",
            fmt::format("{}B", memory.value_or(0)),
            "-kernel",
            options.kernel,
            "-chardev",
            fmt::format("socket,id=console,fd={}", console),
            "-serial",
            "chardev:console",
            "-chardev",
            fmt::format("socket,id=gdb,fd={}", stub),
            "-gdb",
            "chardev:gdb"};
        words.insert(words.end(), own.options.begin(), own.options.end());
        std::string append = own.append;
        if (!options.append.empty()) {
            append += (append.empty() ? "" : " ") + options.append;
        }
        const std::string initrd = initrd_for(isa, options, map, append);
        if (!initrd.empty()) {
            words.insert(words.end(), {"-initrd", initrd});
        }
        if (!append.empty()) {
            words.insert(words.end(), {"-append", append});
        }
        add_disk(words, own, files.disk);
        return words;
    }

    /// The file for -initrd; empty: none. What starts the program goes behind `append`.
    std::string initrd_for(Isa isa, const RunOptions& options, const KernelMap& map, std::string& append) {
        if (options.program.empty() || map.machine.program_append.empty()) {
            if (!options.program.empty()) {
                throw Failure(
                    own_failure, fmt::format(
                                     "{} cannot be told to start a program: its initrd or disk has to have it (--type "
                                     "gives its shell a line)",
                                     map.kernel));
            }
            return options.initrd;
        }
        std::string arguments;
        for (std::size_t i = 1; i < options.program.size(); i++) {
            const std::string& word = options.program[i];
            arguments += (i > 1 ? " " : "") + (word.find(' ') == std::string::npos ? word : "\"" + word + "\"");
        }
        const fs::path root = !options.initrd.empty() ? fs::path(options.initrd) : bundled_root(isa);
        const std::string path = program_path(isa, options, root);
        append += " " + replaced(replaced(map.machine.program_append, "{program}", path), "{arguments}", arguments);
        return (folder_.path() / "initrd").string();
    }

    /// Writes the initrd with the program in it; the program's path there.
    std::string program_path(Isa isa, const RunOptions& options, const fs::path& root) {
        RunOptions wanted = options;
        wanted.arch = name_of(isa);
        const Program program = find_program(wanted);
        std::ofstream whole(folder_.path() / "initrd", std::ios::binary);
        append_padded(whole, root);
        if (program.host_file.empty()) {
            const std::string& word = options.program[0];
            const std::string path = word.starts_with('/') ? word : path_in_root(root, word);
            if (path.empty()) {
                throw Failure(not_found, fmt::format("{}: not in the initrd", word));
            }
            return path;
        }
        const fs::path own = folder_.path() / "program.cpio";
        CpioWriter cpio(own);
        cpio.add_host_file("program", 0755, program.host_file);
        cpio.finish();
        append_padded(whole, own);
        return "/program";
    }

    static void append_padded(std::ofstream& to, const fs::path& from) {
        std::ifstream input(from, std::ios::binary);
        to << input.rdbuf();
        while (to.tellp() % 4 != 0) {
            to.put('\0');
        }
        if (!input || !to) {
            throw Failure(own_failure, fmt::format("{}: cannot be copied into the initrd", from.string()));
        }
    }

    static void add_disk(std::vector<std::string>& words, const MachineWords& own, const std::string& disk) {
        if (disk.empty()) {
            return;
        }
        if (!fs::is_regular_file(disk)) {
            throw Failure(own_failure, fmt::format("--disk {}: not found", disk));
        }
        if (own.disk.empty()) {
            throw Failure(own_failure, "--disk: the station map does not say how this kernel gets a disk");
        }
        for (const std::string& word : own.disk) {
            words.push_back(replaced(word, "{disk}", disk));
        }
    }

    std::optional<Console> console_;
};

} // namespace

std::unique_ptr<WalkedMachine> own_machine(const Program& program, RunOptions options) {
    return std::make_unique<OwnMachine>(program, std::move(options));
}

std::unique_ptr<WalkedMachine>
foreign_machine(Isa isa, const RunOptions& options, const KernelMap& map, const ForeignFiles& files) {
    return std::make_unique<ForeignMachine>(isa, options, map, files);
}

void require_emulator(Isa isa) {
    const std::string name = fmt::format("qemu-system-{}", name_of(isa));
    const char* path = std::getenv("PATH");
    std::istringstream folders(path == nullptr ? "" : path);
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (access((folder + "/" + name).c_str(), X_OK) == 0) {
            return;
        }
    }
    throw Failure(
        own_failure, fmt::format("{} is not installed: ./pylon doctor says how to get what is missing", name));
}

} // namespace host::walk

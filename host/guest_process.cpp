#include "guest_process.hpp"

#include "failure.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>

namespace host {

namespace {

[[noreturn]] void become(char* const* arguments, const std::vector<int>& inherited, int words, pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(own_failure);
    }
    // A group of its own: the terminal's Ctrl-C is pylon's to hear.
    setpgid(0, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    struct sigaction usual{};
    usual.sa_handler = SIG_DFL;
    sigaction(SIGPIPE, &usual, nullptr);
    const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(null, STDIN_FILENO);
    dup2(words, STDOUT_FILENO);
    dup2(words, STDERR_FILENO);
    for (const int fd : inherited) {
        fcntl(fd, F_SETFD, 0);
    }
    execvp(arguments[0], arguments);
    dprintf(STDERR_FILENO, "%s: %s\n", arguments[0], std::strerror(errno));
    _exit(not_found);
}

void kill_and_wait(pid_t& pid) noexcept {
    if (pid > 0) {
        kill(pid, SIGKILL);
        while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {}
        pid = -1;
    }
}

} // namespace

GuestProcess::GuestProcess(const std::vector<std::string>& command, const std::vector<int>& inherited) {
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (const std::string& word : command) {
        arguments.push_back(const_cast<char*>(word.c_str())); // execvp's interface; it does not write
    }
    arguments.push_back(nullptr);
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
        throw Failure(own_failure, "cannot make a pipe");
    }
    words_ = Descriptor(ends[0]);
    const Descriptor words_in(ends[1]);
    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ == 0) {
        become(arguments.data(), inherited, words_in.get(), parent);
    }
    if (pid_ < 0) {
        throw Failure(own_failure, fmt::format("cannot start {}: {}", command[0], std::strerror(errno)));
    }
}

GuestProcess::~GuestProcess() {
    kill_and_wait(pid_);
}

std::string GuestProcess::end() {
    kill_and_wait(pid_);
    std::string words;
    std::array<char, 4096> buffer{};
    for (ssize_t count = 0; words_.is_open() && (count = read(words_.get(), buffer.data(), buffer.size())) > 0;) {
        words.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return words;
}

} // namespace host

#include "places.hpp"

#include "failure.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

namespace host {

namespace fs = std::filesystem;

fs::path source_tree() {
    // build/<preset>/pylon
    return fs::read_symlink("/proc/self/exe").parent_path().parent_path().parent_path();
}

fs::path cache_folder() {
    const char* cache = std::getenv("XDG_CACHE_HOME");
    if (cache != nullptr && *cache == '/') {
        return fs::path(cache) / "tetrapylon";
    }
    const char* home = std::getenv("HOME");
    if (home == nullptr || *home != '/') {
        throw Failure(own_failure, "neither XDG_CACHE_HOME nor HOME says where the cache is");
    }
    return fs::path(home) / ".cache" / "tetrapylon";
}

TemporaryFolder::TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "pylon.XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
        throw Failure(own_failure, fmt::format("cannot make a temporary directory {}", name));
    }
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

int run_quietly(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (const std::string& word : command) {
        arguments.push_back(const_cast<char*>(word.c_str())); // execv's interface; it does not write
    }
    arguments.push_back(nullptr);
    const pid_t child = fork();
    if (child == 0) {
        const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
        dup2(null, STDIN_FILENO);
        dup2(STDERR_FILENO, STDOUT_FILENO);
        execvp(arguments[0], arguments.data());
        _exit(not_found);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        return not_found;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : signal_base + WTERMSIG(status);
}

void build_preset(const std::string& preset) {
    if (run_quietly({source_tree() / "host" / "build.sh", preset}) != 0) {
        throw Failure(own_failure, fmt::format("building {} failed", preset));
    }
}

} // namespace host

#pragma once

#include "isa.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace host {

/// The source tree this program was built in (its executable is build/<preset>/pylon there).
std::filesystem::path source_tree();

/// ${XDG_CACHE_HOME:-~/.cache}/tetrapylon.
std::filesystem::path cache_folder();

/// A directory of this run alone (mode 0700), removed with everything in it at the end.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// Brings build/<preset> up to date with the sources (host/build.sh; fast when nothing changed). Throws Failure(125).
void build_preset(const std::string& preset);

/// Runs a program with this process's stderr as its stdout and stderr and no input; returns its exit status, 127 when
/// it cannot start.
int run_quietly(const std::vector<std::string>& command);

} // namespace host

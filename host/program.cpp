#include "program.hpp"

#include "failure.hpp"
#include "root.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace host {

namespace fs = std::filesystem;

namespace {

/// The host file that `word` names, if it names one.
fs::path host_file_named(const std::string& word, bool bundled, Isa usual) {
    const bool is_path = word.find('/') != std::string::npos;
    if (!is_path) {
        const bool in_root = !bundled || root_has(bundled_root(usual), word);
        return !in_root && fs::is_regular_file(word) ? fs::path(word) : fs::path();
    }
    if (!fs::exists(word)) {
        if (word.front() == '/') {
            return {}; // perhaps a path in the guest: the guest knows
        }
        throw Failure(not_found, fmt::format("{}: not found", word));
    }
    return word;
}

void check_executable(const fs::path& file) {
    if (fs::is_directory(file)) {
        throw Failure(not_executable, fmt::format("{}: is a directory", file.string()));
    }
    if (!fs::is_regular_file(file)) {
        throw Failure(not_executable, fmt::format("{}: not a regular file", file.string()));
    }
    if (access(file.c_str(), R_OK) != 0) {
        throw Failure(not_executable, fmt::format("{}: cannot be read", file.string()));
    }
    if (access(file.c_str(), X_OK) != 0) {
        throw Failure(not_executable, fmt::format("{}: not executable (chmod +x)", file.string()));
    }
}

} // namespace

bool is_on_disk(const RunOptions& options) {
    if (options.disk.empty() || options.program.empty()) {
        return !options.disk.empty();
    }
    const bool is_host_path = options.program[0].find('/') != std::string::npos && fs::exists(options.program[0]);
    return options.abi == "xv6" && !is_host_path;
}

Program find_program(const RunOptions& options) {
    const std::optional<Isa> wanted = options.arch.empty() ? std::nullopt : isa_named(options.arch);
    if (!options.arch.empty() && !wanted) {
        throw Failure(own_failure, fmt::format("--arch {}: aarch64, riscv64 and x86_64 are there", options.arch));
    }
    Program program{.isa = wanted.value_or(Isa::aarch64), .host_file = {}};
    if (is_on_disk(options)) {
        program.isa = wanted.value_or(Isa::riscv64);
        return program;
    }
    if (options.program.empty()) {
        return program;
    }
    program.host_file =
        host_file_named(options.program[0], options.root.empty() && options.initrd.empty(), program.isa);
    if (program.host_file.empty()) {
        return program;
    }
    check_executable(program.host_file);
    const ProgramKind kind = look_at_program(program.host_file);
    if (kind.is_elf && !kind.isa) {
        throw Failure(
            not_executable, fmt::format(
                                "{}: an ELF file for another kind of machine (e_machine {})",
                                program.host_file.string(), kind.machine));
    }
    if (kind.isa && wanted && *kind.isa != *wanted) {
        throw Failure(
            not_executable,
            fmt::format(
                "{}: a program for {}, not for {}", program.host_file.string(), name_of(*kind.isa), name_of(*wanted)));
    }
    program.isa = kind.isa.value_or(program.isa);
    return program;
}

} // namespace host

#include "check/command.hpp"

#include "check/report.hpp"
#include "failure.hpp"
#include "places.hpp"
#include "program.hpp"
#include "root.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

namespace host::check {

namespace {

constexpr std::uintmax_t largest_program = std::uintmax_t{512} << 20;

std::string read_host_file(const std::filesystem::path& file) {
    if (std::filesystem::file_size(file) > largest_program) {
        throw Failure(not_executable, fmt::format("{}: larger than 512 MiB", file.string()));
    }
    std::ifstream input(file, std::ios::binary);
    std::string bytes(std::filesystem::file_size(file), '\0');
    input.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!input) {
        throw Failure(not_executable, fmt::format("{}: cannot be read", file.string()));
    }
    return bytes;
}

const CallTable& table_of(const std::vector<CallTable>& tables, const std::string& abi) {
    const auto at = std::ranges::find(tables, abi, &CallTable::personality);
    if (at == tables.end()) {
        throw Failure(own_failure, fmt::format("--abi {}: this kernel has no such personality on this ISA yet", abi));
    }
    return *at;
}

} // namespace

int check(const RunOptions& run, bool as_json_text) {
    if (run.program.empty()) {
        throw Failure(own_failure, "check needs a program, as in: pylon check ./prog");
    }
    const std::string& name = run.program[0];
    const Program program = find_program(run);
    const std::string bytes =
        !program.host_file.empty() ? read_host_file(program.host_file) : root_program(bundled_root(program.isa), name);
    const ElfProgram elf = read_program(bytes, name);
    const std::string preset(name_of(elf.isa));
    build_preset(preset);
    const std::vector<CallTable> tables = read_call_tables(source_tree() / "build" / preset / "tetrapylon.elf");
    const std::string abi = run.abi == "auto" ? "linux" : run.abi;
    const Report report = judge(elf, scan(elf), table_of(tables, abi));
    if (as_json_text) {
        std::cout << as_json(report, elf, abi).dump(2) << '\n';
    } else {
        std::cout << as_text(report, elf, name, abi);
    }
    return report.missing.empty() ? 0 : 1;
}

} // namespace host::check

#include "abi_command.hpp"

#include "failure.hpp"
#include "isa.hpp"
#include "kernel_tables.hpp"
#include "places.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace host {

namespace {

void print_markdown(const CallTable& table, std::string_view isa) {
    fmt::print("# {} on {}: {} calls\n\n", table.personality, isa, table.rows.size());
    fmt::print("| number | call | arguments | support |\n|--:|---|--:|---|\n");
    for (const CallRow& row : table.rows) {
        const std::string support = row.partial ? fmt::format("partial: {}", row.note) : "full";
        fmt::print("| {} | {} | {} | {} |\n", row.number, row.name, row.arguments, support);
    }
}

nlohmann::ordered_json as_json_value(const CallTable& table, std::string_view isa) {
    nlohmann::ordered_json calls = nlohmann::ordered_json::array();
    for (const CallRow& row : table.rows) {
        calls.push_back(
            {{"number", row.number},
             {"name", row.name},
             {"arguments", row.arguments},
             {"support", row.partial ? "partial" : "full"},
             {"note", row.note}});
    }
    return {{"personality", table.personality}, {"isa", isa}, {"calls", calls}};
}

} // namespace

int show_support(const std::string& arch, const std::string& name, bool as_json) {
    const auto isa = isa_named(arch);
    if (!isa) {
        throw Failure(own_failure, fmt::format("--arch {}: aarch64, riscv64 and x86_64 are there", arch));
    }
    const std::string preset(name_of(*isa));
    build_preset(preset);
    std::vector<CallTable> tables = read_call_tables(source_tree() / "build" / preset / "tetrapylon.elf");
    std::erase_if(tables, [&](const CallTable& table) { return !name.empty() && table.personality != name; });
    if (tables.empty()) {
        throw Failure(own_failure, fmt::format("{}: not a personality of this kernel", name));
    }
    auto all = nlohmann::ordered_json::array();
    for (const CallTable& table : tables) {
        if (as_json) {
            all.push_back(as_json_value(table, preset));
        } else {
            print_markdown(table, preset);
        }
    }
    if (as_json) {
        fmt::print("{}\n", all.dump(2));
    }
    return 0;
}

} // namespace host

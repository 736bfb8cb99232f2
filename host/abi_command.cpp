#include "abi_command.hpp"

#include "failure.hpp"
#include "isa.hpp"
#include "kernel_tables.hpp"
#include "places.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <nlohmann/json.hpp>

namespace host {

namespace {

std::string support_of(const CallRow& row) {
    if (row.absent) {
        return fmt::format("-ENOSYS: {}", row.note);
    }
    return row.partial ? fmt::format("partial: {}", row.note) : "full";
}

/// Calls that are answered.
template <typename Rows, typename Of>
std::size_t answered(const Rows& rows, Of row_of) {
    return static_cast<std::size_t>(
        std::count_if(rows.begin(), rows.end(), [&](const auto& row) { return !row_of(row).absent; }));
}

void print_markdown(const CallTable& table, std::string_view isa) {
    fmt::print("# {} on {}: {} calls\n\n", table.personality, isa, answered(table.rows, [](const CallRow& row) {
                   return row;
               }));
    fmt::print("| number | call | arguments | support |\n|--:|---|--:|---|\n");
    for (const CallRow& row : table.rows) {
        fmt::print("| {} | {} | {} | {} |\n", row.number, row.name, row.arguments, support_of(row));
    }
}

nlohmann::ordered_json as_json_value(const CallTable& table, std::string_view isa) {
    nlohmann::ordered_json calls = nlohmann::ordered_json::array();
    for (const CallRow& row : table.rows) {
        calls.push_back(
            {{"number", row.number},
             {"name", row.name},
             {"arguments", row.arguments},
             {"support", row.absent    ? "none"
                         : row.partial ? "partial"
                                       : "full"},
             {"note", row.note}});
    }
    return {{"personality", table.personality}, {"isa", isa}, {"calls", calls}};
}

/// A call with its number on each ISA in the order of `all_isas`; empty where there is none.
struct SharedRow {
    CallRow row;
    std::array<std::string, all_isas.size()> numbers;
};

/// One table for all ISAs, by the calls' names.
void print_together(std::string_view personality, const std::map<std::string, SharedRow>& rows) {
    fmt::print("# {}: {} calls\n\n", personality, answered(rows, [](const auto& row) { return row.second.row; }));
    fmt::print(
        "Read from the kernel by `./pylon abi {} --arch all`. Any other call answers {}.\n\n| call |", personality,
        personality == "linux" ? "ENOSYS" : "-1");
    for (const Isa isa : all_isas) {
        fmt::print(" {} |", name_of(isa));
    }
    fmt::print(" support |\n|---|--:|--:|--:|---|\n");
    for (const auto& [name, shared] : rows) {
        fmt::print("| {} | {} | {} |\n", name, fmt::join(shared.numbers, " | "), support_of(shared.row));
    }
}

std::vector<CallTable> tables_of(Isa isa, const std::string& name) {
    const std::string preset(name_of(isa));
    build_preset(preset);
    std::vector<CallTable> tables = read_call_tables(source_tree() / "build" / preset / "tetrapylon.elf");
    std::erase_if(tables, [&](const CallTable& table) { return !name.empty() && table.personality != name; });
    if (tables.empty()) {
        throw Failure(own_failure, fmt::format("{}: not a personality of this kernel", name));
    }
    return tables;
}

void show_all_isas(const std::string& name) {
    std::map<std::string, std::map<std::string, SharedRow>> personalities;
    for (std::size_t index = 0; index < all_isas.size(); index++) {
        for (const CallTable& table : tables_of(all_isas.at(index), name)) {
            for (const CallRow& row : table.rows) {
                SharedRow& shared = personalities[table.personality][row.name];
                shared.row = row;
                shared.numbers.at(index) = std::to_string(row.number);
            }
        }
    }
    for (const auto& [personality, rows] : personalities) {
        print_together(personality, rows);
    }
}

} // namespace

int show_support(const std::string& arch, const std::string& name, bool as_json) {
    if (arch == "all" && !as_json) {
        show_all_isas(name);
        return 0;
    }
    const auto isa = isa_named(arch);
    if (!isa) {
        throw Failure(
            own_failure, fmt::format("--arch {}: aarch64, riscv64, x86_64 and (without --json) all are there", arch));
    }
    const std::vector<CallTable> tables = tables_of(*isa, name);
    const std::string_view preset = name_of(*isa);
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

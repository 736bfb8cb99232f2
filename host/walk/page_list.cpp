#include "walk/page_list.hpp"

#include "failure.hpp"
#include "message.hpp"
#include "places.hpp"
#include "walk/command.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

namespace host::walk {

namespace {

namespace fs = std::filesystem;

/// One entry of walks.json.
struct PageEntry {
    std::string name;
    std::vector<std::string> isas;
    std::string call;  ///< or, in its place:
    std::string event; ///< "interrupt", "fault"
    std::string through;
    std::map<std::string, std::uint64_t> causes; ///< by ISA
    unsigned nth = 1;
    std::string abi = "auto";
    bool isolate = false;
    std::vector<std::string> icount; ///< ISAs on which time is counted in instructions
    std::vector<std::string> program;
    std::string english, chinese; ///< what it shows
};

fs::path folder() {
    return source_tree() / "docs" / "walks";
}

std::vector<PageEntry> read_entries() {
    const fs::path file = folder() / "walks.json";
    std::ifstream input(file);
    std::vector<PageEntry> entries;
    try {
        const nlohmann::json document = nlohmann::json::parse(input);
        for (const auto& entry : document.at("walks")) {
            entries.push_back(
                {.name = entry.at("name"),
                 .isas = entry.at("isas"),
                 .call = entry.value("call", ""),
                 .event = entry.value("event", ""),
                 .through = entry.value("through", ""),
                 .causes = entry.value("cause", std::map<std::string, std::uint64_t>()),
                 .nth = entry.value("nth", 1U),
                 .abi = entry.value("abi", "auto"),
                 .isolate = entry.value("isolate", false),
                 .icount = entry.value("icount", std::vector<std::string>()),
                 .program = entry.at("program"),
                 .english = entry.at("en"),
                 .chinese = entry.at("zh")});
        }
    } catch (const nlohmann::json::exception& error) {
        throw Failure(own_failure, fmt::format("{}: {}", file.string(), error.what()));
    }
    return entries;
}

const std::string& trap_of(const PageEntry& entry) {
    return entry.event.empty() ? entry.call : entry.event;
}

std::string page_name(const PageEntry& entry, const std::string& isa) {
    return fmt::format("{}.{}.html", entry.name, isa);
}

/// What the page itself says: the number of kernel instructions; empty when there is no page.
std::string count_in_page(const fs::path& page) {
    std::ifstream input(page);
    std::string line;
    while (std::getline(input, line)) {
        const std::size_t at = line.find("\"instructions\":");
        if (at != std::string::npos) {
            return std::to_string(std::stoul(line.substr(at + std::string_view("\"instructions\":").size())));
        }
    }
    return {};
}

constexpr std::array<const char*, 3> columns{"aarch64", "riscv64", "x86_64"};

std::string index_table(const std::vector<PageEntry>& entries, bool chinese) {
    std::string table = chinese ? "| 调用 | 看点 |" : "| call | what it shows |";
    for (const char* isa : columns) {
        table += fmt::format(" {} |", isa);
    }
    table += "\n|---|---|--:|--:|--:|\n";
    for (const PageEntry& entry : entries) {
        table += fmt::format(
            "| `{}` ({}) | {} |", trap_of(entry), entry.name.substr(0, entry.name.find('-')),
            chinese ? entry.chinese : entry.english);
        for (const char* isa : columns) {
            const std::string count = count_in_page(folder() / page_name(entry, isa));
            table += count.empty() ? " |" : fmt::format(" [{}]({}) |", count, page_name(entry, isa));
        }
        table += "\n";
    }
    return table;
}

/// Puts the table between the marks of a README.
void write_index(const fs::path& readme, const std::string& table) {
    constexpr std::string_view begin = "<!-- index -->\n", end = "<!-- end of the index -->";
    std::ifstream input(readme);
    std::string text((std::istreambuf_iterator<char>(input)), {});
    const std::size_t from = text.find(begin), to = text.find(end);
    if (from == std::string::npos || to == std::string::npos || to < from) {
        throw Failure(own_failure, fmt::format("{}: the marks of the index are not there", readme.string()));
    }
    text.replace(from + begin.size(), to - from - begin.size(), table);
    std::ofstream(readme) << text;
}

bool is_wanted(const std::vector<std::string>& names, const PageEntry& entry, const std::string& isa) {
    return names.empty() || std::ranges::contains(names, entry.name)
           || std::ranges::contains(names, entry.name + "." + isa);
}

void check_names(const std::vector<std::string>& names, const std::vector<PageEntry>& entries) {
    for (const std::string& name : names) {
        const bool known = std::ranges::any_of(entries, [&](const PageEntry& entry) {
            return std::ranges::any_of(entry.isas, [&](const auto& isa) { return is_wanted({name}, entry, isa); });
        });
        if (!known) {
            throw Failure(own_failure, fmt::format("{}: not in the list (pylon walk --list)", name));
        }
    }
}

void regenerate(const PageEntry& entry, const std::string& isa) {
    RunOptions run;
    run.arch = isa;
    run.abi = entry.abi;
    run.isolate = entry.isolate;
    run.icount = std::ranges::contains(entry.icount, isa);
    run.program = entry.program;
    WalkOptions options;
    options.call = entry.call;
    options.event = entry.event;
    options.through = entry.through;
    if (const auto cause = entry.causes.find(isa); cause != entry.causes.end()) {
        options.cause = cause->second;
    }
    options.nth = entry.nth;
    options.html = folder() / page_name(entry, isa);
    options.quiet = true;
    walk(run, options);
    say("docs/walks/{}: {} instructions", page_name(entry, isa), count_in_page(options.html));
}

} // namespace

void list_pages() {
    for (const PageEntry& entry : read_entries()) {
        fmt::print(
            "{:<16} {:<24} {}: {}\n", entry.name, fmt::join(entry.isas, " "), trap_of(entry),
            fmt::join(entry.program, " "));
    }
}

void regenerate_pages(const std::vector<std::string>& names) {
    const std::vector<PageEntry> entries = read_entries();
    check_names(names, entries);
    for (const PageEntry& entry : entries) {
        for (const std::string& isa : entry.isas) {
            if (!is_wanted(names, entry, isa)) {
                continue;
            }
            regenerate(entry, isa);
        }
    }
    write_index(folder() / "README.md", index_table(entries, false));
    write_index(folder() / "README.zh.md", index_table(entries, true));
}

} // namespace host::walk

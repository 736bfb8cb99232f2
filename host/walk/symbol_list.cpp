#include "walk/symbol_list.hpp"

#include <algorithm>
#include <charconv>

namespace host::walk {

namespace {

constexpr std::uint64_t longest_function = 1 << 20;

struct Line {
    std::uint64_t address = 0;
    char type = 0;
    std::string_view name;
};

std::optional<Line> parse(std::string_view text) {
    Line line;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), line.address, 16);
    const auto digits = static_cast<std::size_t>(end - text.data());
    if (error != std::errc() || digits < 8 || text.size() < digits + 4 || text[digits] != ' '
        || text[digits + 2] != ' ') {
        return std::nullopt;
    }
    line.type = text[digits + 1];
    line.name = text.substr(digits + 3);
    line.name = line.name.substr(0, line.name.find_first_of(" \t\r")); // kallsyms: the module's name follows
    return line.name.empty() || line.address == 0 ? std::nullopt : std::optional(line);
}

bool is_code(char type) {
    return std::string_view("tTwWiI").find(type) != std::string_view::npos;
}

/// Lower is better.
int rank(std::string_view name) {
    if (name.starts_with("$") || name.starts_with(".L")) {
        return 4; // the assembler's own marks
    }
    const bool is_mark = name.ends_with("_start") || name.ends_with("_begin") || name.ends_with("_end");
    const bool is_section = name == "_text" || name == "_stext" || name == "_sinittext" || name == "_etext";
    if (is_section || (is_mark && name.starts_with("_"))) {
        return 3;
    }
    return name.starts_with("__pfx_") || name.starts_with("__cfi_") ? 2 : name.starts_with("_") ? 1 : 0;
}

} // namespace

SymbolList SymbolList::read(std::istream& input) {
    SymbolList list;
    for (std::string text; std::getline(input, text);) {
        const auto line = parse(text);
        if (!line) {
            continue;
        }
        list.by_name_.emplace(line->name, line->address);
        if (!is_code(line->type) || rank(line->name) > 3) {
            continue;
        }
        const auto [at, is_new] = list.by_address_.try_emplace(line->address, line->name);
        if (!is_new && rank(line->name) < rank(at->second)) {
            at->second = line->name;
        }
    }
    return list;
}

std::string_view SymbolList::name_at(std::uint64_t address) const {
    auto after = by_address_.upper_bound(address);
    if (after == by_address_.begin()) {
        return {};
    }
    --after;
    return address - after->first < longest_function ? std::string_view(after->second) : std::string_view();
}

std::optional<std::uint64_t> SymbolList::address_of(std::string_view name) const {
    const auto at = by_name_.find(name);
    return at == by_name_.end() ? std::nullopt : std::optional(at->second);
}

} // namespace host::walk

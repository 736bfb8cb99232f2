#include "walk/folded.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <unordered_map>

namespace host::walk {

namespace {

/// ';' parts frames and a space parts the count; function names of templates may have both.
std::string frame_name(std::string name) {
    std::ranges::replace(name, ';', ',');
    return name;
}

} // namespace

std::string as_folded(const Recording& recording, const std::vector<Station>& stations, Symbols& symbols) {
    const CallTree tree = build_calls(recording, symbols);
    std::vector<std::pair<std::string, std::size_t>> stacks;
    std::unordered_map<std::string, std::size_t> index;
    for (const Station& station : stations) {
        for (std::size_t i = std::max<std::size_t>(station.first_step, 1);
             i < station.first_step + station.instructions; i++) {
            std::string line = frame_name(recording.call) + ";" + frame_name(station.rule->title);
            for (const std::string& function : stack_at(recording, symbols, tree, i)) {
                line += ";" + frame_name(function);
            }
            const auto [at, is_new] = index.try_emplace(line, stacks.size());
            if (is_new) {
                stacks.emplace_back(std::move(line), 0);
            }
            stacks[at->second].second++;
        }
    }
    std::string text;
    for (const auto& [stack, count] : stacks) {
        fmt::format_to(std::back_inserter(text), "{} {}\n", stack, count);
    }
    return text;
}

} // namespace host::walk

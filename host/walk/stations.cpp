#include "walk/stations.hpp"

#include "failure.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

namespace host::walk {

namespace {

const StationRule unknown{
    .id = "other",
    .title = "other code",
    .title_chinese = "其他代码",
    .parent = {},
    .back = {},
    .helper = false,
    .functions = {},
    .sources = {}};

/// Step 0 of a walk that no trap instruction began; a map may name these two itself.
StationRule event_rule(const char* id, const char* title, const char* chinese) {
    return {
        .id = id,
        .title = title,
        .title_chinese = chinese,
        .parent = {},
        .back = {},
        .helper = false,
        .functions = {},
        .sources = {}};
}
const StationRule interrupted = event_rule("interrupted", "the program is interrupted here", "程序在此处被中断");
const StationRule faulted = event_rule("faulted", "the instruction that faults", "出错的指令");

std::vector<std::regex> patterns(const nlohmann::json& rule, const char* key) {
    std::vector<std::regex> expressions;
    for (const auto& pattern : rule.value(key, nlohmann::json::array())) {
        expressions.emplace_back(pattern.get<std::string>(), std::regex::optimize);
    }
    return expressions;
}

bool matches(const std::vector<std::regex>& expressions, const std::string& text) {
    return std::ranges::any_of(expressions, [&](const std::regex& one) { return std::regex_search(text, one); });
}

void count(std::vector<FunctionPart>& functions, const SourceFrame& frame) {
    auto at = std::ranges::find(functions, frame.function, &FunctionPart::function);
    if (at == functions.end()) {
        at = functions.insert(at, {frame.function, frame.home, 0});
    }
    at->instructions++;
}

} // namespace

StationMap StationMap::load(const std::filesystem::path& file) {
    std::ifstream input(file);
    StationMap map;
    try {
        const nlohmann::json document = nlohmann::json::parse(input);
        map.default_ = document.value("default", "");
        map.neutral_ = patterns(document, "neutral");
        for (const auto& rule : document.at("stations")) {
            map.rules_.push_back(
                {.id = rule.at("id"),
                 .title = rule.at("en"),
                 .title_chinese = rule.at("zh"),
                 .parent = rule.value("parent", ""),
                 .back = rule.value("back", ""),
                 .helper = rule.value("helper", false),
                 .functions = patterns(rule, "functions"),
                 .sources = patterns(rule, "sources")});
        }
    } catch (const std::exception& error) {
        throw Failure(own_failure, fmt::format("{}: no station map: {}", file.string(), error.what()));
    }
    return map;
}

const StationRule& StationMap::rule_for(const std::vector<SourceFrame>& frames) const {
    for (const SourceFrame& frame : frames) {
        for (const StationRule& rule : rules_) {
            if (matches(rule.functions, frame.function) || (!frame.home.empty() && matches(rule.sources, frame.home))) {
                return rule;
            }
        }
    }
    const bool is_neutral = frames.empty() || matches(neutral_, frames.back().function);
    return default_.empty() || is_neutral ? unknown : find(default_);
}

const StationRule& StationMap::find(const std::string& id) const {
    const auto at = std::ranges::find(rules_, id, &StationRule::id);
    return at == rules_.end() ? unknown : *at;
}

namespace {

/// Gives each step its station, in order: what a function belongs to can depend on where the path has been.
class RuleWalker {
public:
    explicit RuleWalker(const StationMap& map) : map_(map) {}

    const StationRule* next(const StationRule& by_name) {
        const StationRule* found = &by_name;
        const bool is_part = found->parent == "handler";
        const bool is_work = is_part || found->id == "handler";
        // Library code that no frame of ours is named for belongs to whoever used it; so do functions of all kinds that
        // pending work runs, and before the handler its helpers, where the map says what the handler is.
        const bool belongs_to_user = found == &unknown || (is_work && is_way_out())
                                     || (is_part && !handled_ && (map_.has_default() || found->helper));
        if (belongs_to_user && last_ != nullptr) {
            found = last_;
        } else {
            handled_ = handled_ || is_work;
        }
        if (handled_ && !found->back.empty()) {
            found = &map_.find(found->back);
        }
        if (found->id == "result" && is_way_out()) {
            found = last_;
        }
        last_ = found;
        return found;
    }

private:
    [[nodiscard]] bool is_way_out() const {
        static constexpr std::array<std::string_view, 7> ids{
            "leave", "restore", "trampoline_out", "schedule", "activate", "end_of_interrupt", "next_thread"};
        return last_ != nullptr && last_->parent.empty() && std::ranges::contains(ids, last_->id);
    }

    const StationMap& map_;
    const StationRule* last_ = nullptr;
    bool handled_ = false; ///< the handler was reached: from here on, entry code is the way back
};

const StationRule& first_rule(TrapKind kind, const StationMap& map) {
    if (kind == TrapKind::call) {
        return map.find("trap");
    }
    const StationRule& usual = kind == TrapKind::interrupt ? interrupted : faulted;
    const StationRule& own = map.find(usual.id);
    return &own == &unknown ? usual : own;
}

} // namespace

std::vector<const StationRule*> rules_of_steps(const Recording& recording, Symbols& symbols, const StationMap& map) {
    std::vector<const StationRule*> rules;
    rules.reserve(recording.steps.size());
    std::map<std::uint64_t, const StationRule*> known;
    RuleWalker walker(map);
    for (const Step& step : recording.steps) {
        if (rules.empty()) {
            rules.push_back(&first_rule(recording.trap, map));
            continue;
        }
        const auto [at, is_new] = known.try_emplace(step.program_counter);
        if (is_new) {
            at->second = &map.rule_for(symbols.frames_at(step.program_counter));
        }
        rules.push_back(walker.next(*at->second));
    }
    const StationRule& last = map.find("return");
    const bool came_back = recording.ending == Ending::returned || recording.ending == Ending::elsewhere;
    if (rules.size() > 1 && came_back && &last != &unknown) {
        rules.back() = &last; // eret, sret, sysret
    }
    return rules;
}

std::vector<Station> fold(const Recording& recording, Symbols& symbols, const StationMap& map) {
    std::vector<Station> stations;
    const std::vector<const StationRule*> rules = rules_of_steps(recording, symbols, map);
    for (std::size_t i = 0; i < recording.steps.size(); i++) {
        const std::vector<SourceFrame>& frames = symbols.frames_at(recording.steps[i].program_counter);
        const StationRule& rule = *rules[i];
        const StationRule& top = rule.parent.empty() ? rule : map.find(rule.parent);
        if (stations.empty() || stations.back().rule != &top) {
            stations.push_back({.rule = &top, .first_step = i});
        }
        Station* station = &stations.back();
        station->instructions++;
        if (&rule != &top) {
            const auto at = std::ranges::find(station->parts, &rule, &Station::rule);
            station = at == station->parts.end() ? &station->parts.emplace_back(Station{.rule = &rule, .first_step = i})
                                                 : &*at;
            station->instructions++;
        }
        if (i > 0 && !frames.empty()) {
            count(station->functions, frames.front());
        }
    }
    return stations;
}

} // namespace host::walk

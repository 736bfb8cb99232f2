#pragma once
// Steps folded into stations, under the names that the field and the study notes use.

#include "walk/recording.hpp"
#include "walk/symbols.hpp"

#include <nlohmann/json_fwd.hpp>
#include <regex>
#include <string>
#include <vector>

namespace host::walk {

/// What a map file says of one station (stations/*.json).
struct StationRule {
    std::string id;
    std::string title;         ///< English
    std::string title_chinese; ///< Chinese
    std::string parent;        ///< a sub-station of that one; empty: a station of its own
    std::string back;          ///< the station in its place once the path comes back to it from the handler
    bool helper = false;       ///< before the handler it belongs to the station that it is called from
    std::vector<std::regex> functions;
    std::vector<std::regex> sources;
};

/// How a kernel's functions fall into stations; the first rule that matches the innermost frame decides, else its
/// caller, else the map's default.
class StationMap {
public:
    /// Throws Failure(125) for a file that is missing or no station map.
    static StationMap load(const std::filesystem::path& file);

    /// The rule for an instruction; `unknown` when none matches.
    [[nodiscard]] const StationRule& rule_for(const std::vector<SourceFrame>& frames) const;
    [[nodiscard]] const StationRule& find(const std::string& id) const;

    /// Whether functions that no rule names are the handler's.
    [[nodiscard]] bool has_default() const { return !default_.empty(); }

private:
    std::vector<StationRule> rules_;
    std::string default_;             ///< the rule of functions that none names; empty: unknown
    std::vector<std::regex> neutral_; ///< functions that belong to the station they are called from
};

/// Instructions of one function within a station.
struct FunctionPart {
    std::string function;
    std::string file;
    std::size_t instructions = 0;
};

struct Station {
    const StationRule* rule = nullptr;
    std::size_t first_step = 0;
    std::size_t instructions = 0;
    std::vector<FunctionPart> functions{}; ///< in the order of first entry
    std::vector<Station> parts{};          ///< sub-stations, in the order of first entry
};

/// The rule of each step: the trap instruction's own first, then by the innermost frame that has one.
std::vector<const StationRule*> rules_of_steps(const Recording& recording, Symbols& symbols, const StationMap& map);

/// The stations of a walk in the order in which it came to them; each instruction is in exactly one.
std::vector<Station> fold(const Recording& recording, Symbols& symbols, const StationMap& map);

} // namespace host::walk

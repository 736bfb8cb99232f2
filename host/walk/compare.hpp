#pragma once
// Two walks side by side.

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace host::walk {

/// Lines the stations of two walks (docs/walk-json.md) up, in both walks' order: instructions there, here, and the
/// difference; sub-stations below. Throws Failure(125) when `there` is no walk of this version.
std::string compare(const nlohmann::ordered_json& there, const nlohmann::ordered_json& here, bool chinese);

} // namespace host::walk

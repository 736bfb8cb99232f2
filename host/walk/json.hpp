#pragma once

#include "walk/recording.hpp"
#include "walk/stations.hpp"

#include <nlohmann/json_fwd.hpp>

namespace host::walk {

/// The walk as docs/walk-json.md describes it. The same walk gives the same bytes.
nlohmann::ordered_json as_json(const Recording& recording, const std::vector<Station>& stations, Symbols& symbols);

} // namespace host::walk

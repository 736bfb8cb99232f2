#pragma once

#include "walk/call_tree.hpp"
#include "walk/recording.hpp"
#include "walk/stations.hpp"
#include "walk/symbols.hpp"

#include <string>

namespace host::walk {

/// The walk as a Perfetto trace: track events in the protobuf encoding of perfetto/trace/trace.proto, for
/// ui.perfetto.dev. Time is instructions: one is one nanosecond. Three tracks: stations, functions, privilege.
std::string as_perfetto(const Recording& recording, const std::vector<Station>& stations, Symbols& symbols);

} // namespace host::walk

#pragma once

#include "walk/call_tree.hpp"
#include "walk/recording.hpp"
#include "walk/stations.hpp"
#include "walk/symbols.hpp"

#include <string>

namespace host::walk {

/// The walk as folded stacks: "call;station;function;...;function N\n" for each stack, N instructions, in the order of
/// first entry. What flamegraph.pl, inferno and speedscope read. The trap instruction is not in it.
std::string as_folded(const Recording& recording, const std::vector<Station>& stations, Symbols& symbols);

} // namespace host::walk

#pragma once

#include "walk/recording.hpp"
#include "walk/stations.hpp"

#include <string>

namespace host::walk {

struct TextOptions {
    bool functions = false;    ///< the functions of each station
    bool instructions = false; ///< every instruction
    bool chinese = false;
    bool colour = false;
};

/// The walk for a terminal.
std::string
as_text(const Recording& recording, const std::vector<Station>& stations, Symbols& symbols, const TextOptions& options);

} // namespace host::walk

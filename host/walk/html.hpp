#pragma once

#include "walk/recording.hpp"
#include "walk/stations.hpp"
#include "walk/symbols.hpp"

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace host::walk {

/// What a page says of a walk besides the walk itself.
struct PageSubject {
    std::string kernel;                ///< "Tetrapylon", "Linux 6.1.192"
    std::string program;               ///< the command line in the guest
    std::string command;               ///< how to make the page again; empty: not shown
    std::filesystem::path source_tree; ///< where the source lines are; lines of files that are not there are left out
};

/// What the page's script works on: columns of small integers and tables of the texts they stand for.
nlohmann::ordered_json
page_data(const Recording& recording, Symbols& symbols, const StationMap& map, const PageSubject& subject);

/// One self-contained page (host/walk/page/) in English and Chinese. The same walk gives the same bytes.
std::string as_page(const Recording& recording, Symbols& symbols, const StationMap& map, const PageSubject& subject);

} // namespace host::walk

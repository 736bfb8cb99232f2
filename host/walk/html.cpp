#include "walk/html.hpp"

#include "page_parts.hpp"

#include <nlohmann/json.hpp>
#include <string_view>

namespace host::walk {

namespace {

void replace(std::string& text, std::string_view mark, std::string_view with) {
    const std::size_t at = text.find(mark);
    if (at != std::string::npos) {
        text.replace(at, mark.size(), with);
    }
}

/// JSON that may stand in a <script> element: no "</script>" and no "<!--" can be in it.
std::string for_script(std::string text) {
    for (std::size_t at = 0; (at = text.find('<', at)) != std::string::npos;) {
        text.replace(at, 1, "\\u003c");
    }
    return text;
}

} // namespace

std::string as_page(const Recording& recording, Symbols& symbols, const StationMap& map, const PageSubject& subject) {
    std::string page(page::walk_html);
    replace(page, "/*style*/", page::walk_css);
    std::string script;
    for (const std::string_view part : {page::decode_js, page::model_js, page::view_js, page::walk_js}) {
        script += part;
    }
    replace(page, "/*script*/", script);
    replace(page, "{\"words\":0}", for_script(std::string(page::words_json)));
    replace(page, "{\"walk\":0}", for_script(page_data(recording, symbols, map, subject).dump()));
    return page;
}

} // namespace host::walk

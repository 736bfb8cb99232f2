#pragma once
// The files of page/, which the build puts into the program (cmake/embed.cmake).

#include <string_view>

namespace host::walk::page {

extern const std::string_view walk_html;
extern const std::string_view walk_css;
extern const std::string_view decode_js, model_js, view_js, walk_js; ///< one script, in this order
extern const std::string_view words_json;                            ///< the page's texts in English and Chinese

} // namespace host::walk::page

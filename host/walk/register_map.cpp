#include "walk/register_map.hpp"

#include "walk/gdb_connection.hpp"

#include <regex>

namespace host::walk {

namespace {

std::optional<std::string> attribute(const std::string& element, const char* name) {
    std::smatch match;
    if (!std::regex_search(element, match, std::regex(std::string("\\b") + name + "=\"([^\"]*)\""))) {
        return std::nullopt;
    }
    return match[1].str();
}

/// QEMU's x86 description names these, but its stub neither numbers nor sends them.
bool is_described_only(std::string_view name) {
    return name == "ss_base" || name == "ds_base" || name == "es_base";
}

} // namespace

RegisterMap::RegisterMap(const std::vector<std::string>& descriptions) {
    const std::regex element("<reg\\s[^>]*>");
    unsigned next_number = 0;
    std::size_t next_offset = 0;
    for (const std::string& text : descriptions) {
        for (std::sregex_iterator at(text.begin(), text.end(), element), end; at != end; ++at) {
            const std::string words = at->str();
            const auto name = attribute(words, "name");
            const auto bits = attribute(words, "bitsize");
            if (!name || !bits || is_described_only(*name)) {
                continue;
            }
            if (const auto number = attribute(words, "regnum")) {
                next_number = static_cast<unsigned>(std::stoul(*number));
            }
            const std::size_t bytes = std::stoul(*bits) / 8;
            places_.emplace(*name, RegisterPlace{next_number, next_offset, bytes});
            next_number++;
            next_offset += bytes;
        }
    }
}

const RegisterPlace* RegisterMap::find(std::string_view name) const {
    const auto at = places_.find(name);
    return at == places_.end() ? nullptr : &at->second;
}

std::optional<std::uint64_t> RegisterMap::value(const std::vector<std::uint8_t>& core, std::string_view name) const {
    const RegisterPlace* place = find(name);
    if (place == nullptr || place->offset + place->bytes > core.size()) {
        return std::nullopt;
    }
    return little_endian(core.data() + place->offset, place->bytes);
}

} // namespace host::walk

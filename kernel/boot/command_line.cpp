#include "boot/command_line.hpp"

#include <charconv>

namespace boot {

template <typename Accept>
std::optional<std::string_view> CommandLine::find(Accept accept) const {
    std::string_view rest = text_;
    while (!rest.empty()) {
        const std::size_t end = rest.find(' ');
        const std::string_view word = rest.substr(0, end);
        if (accept(word))
            return word;
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    return std::nullopt;
}

bool CommandLine::has(std::string_view word) const {
    return find([&](std::string_view candidate) { return candidate == word; }).has_value();
}

std::optional<std::string_view> CommandLine::value(std::string_view name) const {
    const auto is_named = [&](std::string_view word) {
        return word.size() > name.size() && word.starts_with(name) && word[name.size()] == '=';
    };
    const auto word = find(is_named);
    return word ? std::optional(word->substr(name.size() + 1)) : std::nullopt;
}

std::optional<std::uint64_t> CommandLine::number(std::string_view name) const {
    const auto text = value(name);
    std::uint64_t result = 0;
    if (!text)
        return std::nullopt;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), result);
    if (error != std::errc() || end != text->data() + text->size())
        return std::nullopt;
    return result;
}

} // namespace boot

#include "options.hpp"

#include <charconv>

namespace host {

namespace {

/// log2 of the unit's bytes; QEMU's letters and its default, the mebibyte.
std::optional<unsigned> unit_shift(std::string_view unit) {
    if (unit.empty() || unit == "M" || unit == "MiB" || unit == "m") {
        return 20;
    }
    if (unit == "K" || unit == "KiB" || unit == "k") {
        return 10;
    }
    if (unit == "G" || unit == "GiB" || unit == "g") {
        return 30;
    }
    if (unit == "B") {
        return 0;
    }
    return std::nullopt;
}

} // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::optional<unsigned> shift = unit_shift(text.substr(static_cast<std::size_t>(end - text.data())));
    if (error != std::errc{} || !shift || number == 0 || (number << *shift) >> *shift != number) {
        return std::nullopt;
    }
    return number << *shift;
}

} // namespace host

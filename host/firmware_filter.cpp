#include "firmware_filter.hpp"

#include <algorithm>

namespace host {

namespace {
constexpr std::string_view first_word = "OpenSBI";
constexpr std::string_view last_line = "Boot HART MEDELEG";
} // namespace

std::string FirmwareFilter::pass(std::string_view bytes) {
    if (!active_) {
        return std::string(bytes);
    }
    held_ += bytes;
    const std::size_t text = held_.find_first_not_of("\r\n");
    if (text == std::string::npos) {
        return {};
    }
    const std::string_view begun = std::string_view(held_).substr(text);
    const std::size_t compared = std::min(begun.size(), first_word.size());
    if (begun.substr(0, compared) != first_word.substr(0, compared)) {
        active_ = false;
        return std::move(held_);
    }
    const std::size_t last = held_.find(last_line);
    const std::size_t end = last == std::string::npos ? last : held_.find('\n', last);
    if (end == std::string::npos) {
        return {};
    }
    active_ = false;
    return held_.substr(end + 1);
}

} // namespace host

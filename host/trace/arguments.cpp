#include "trace/arguments.hpp"

#include "trace/call_names.hpp"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <fmt/format.h>

namespace host::trace {

namespace {

constexpr std::array<std::string_view, 4> address_results{"mmap", "brk", "mremap", "shmat"};
constexpr std::int64_t largest_error = 4095;

std::string address_words(std::uint64_t value) {
    return value == 0 ? "NULL" : fmt::format("{:#x}", value);
}

std::int32_t narrow(std::uint64_t value) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
}

/// A register that may hold an int, whose upper half then says nothing.
std::string signed_words(std::uint64_t value) {
    const bool is_int = value >> 32 == 0 || value >> 31 == (std::uint64_t{1} << 33) - 1;
    return is_int ? fmt::format("{}", narrow(value)) : fmt::format("{}", static_cast<std::int64_t>(value));
}

std::string unsigned_words(std::uint64_t value) {
    constexpr std::uint64_t readable = 0x100000;
    return value < readable ? fmt::format("{}", value) : fmt::format("{:#x}", value);
}

std::string descriptor_words(std::uint64_t value) {
    return narrow(value) == AT_FDCWD ? "AT_FDCWD" : fmt::format("{}", narrow(value));
}

class Words {
public:
    Words(Isa isa, const Record& enter, const Record* leave, std::size_t limit)
        : isa_(isa), enter_(enter), leave_(leave), limit_(limit) {}

    std::vector<std::string> of_row(const CallRow& row) {
        unsigned at = 0;
        for (std::size_t i = 0; i < row.kinds.size() && at < enter_.words.size(); i++) {
            const ArgumentKind kind = row.kinds[i];
            words_.push_back(one(row, kind, at, row.sizes[i]));
            at++;
            if (kind == ArgumentKind::buffer_in || kind == ArgumentKind::buffer_out) {
                words_.push_back(fmt::format("{}", enter_.word(at++)));
            }
        }
        if (row.name.starts_with("open") && !words_.empty() && words_.size() >= 2
            && (words_[words_.size() - 2].find("O_CREAT") == std::string::npos)
            && (words_[words_.size() - 2].find("O_TMPFILE") == std::string::npos)) {
            words_.pop_back(); // the mode of a file that is not made
        }
        return std::move(words_);
    }

private:
    [[nodiscard]] std::string one(const CallRow& row, ArgumentKind kind, unsigned at, unsigned size) const {
        const std::uint64_t value = enter_.word(at);
        switch (kind) {
        case ArgumentKind::signed_integer:
        case ArgumentKind::unsigned_integer: {
            const std::string words = flag_words(isa_, row.name, at, value);
            return !words.empty()                           ? words
                   : kind == ArgumentKind::unsigned_integer ? unsigned_words(value)
                                                            : signed_words(value);
        }
        case ArgumentKind::flags: {
            const std::string words = flag_words(isa_, row.name, at, value);
            return words.empty() ? fmt::format("{:#x}", value & 0xffffffff) : words;
        }
        case ArgumentKind::pointer:
            return value == 0 || size <= 1
                       ? address_words(value)
                       : fmt::format("{:#x} /* {}{} bytes */", value, size == 255 ? ">= " : "", size);
        case ArgumentKind::string:
            return content(enter_.item(at), value, false);
        case ArgumentKind::buffer_in:
            return content(enter_.item(at), value, true);
        case ArgumentKind::buffer_out:
            if (leave_ != nullptr && leave_->word(0) == 0 && !leave_->restarts) {
                return "\"\"";
            }
            return content(leave_ == nullptr ? nullptr : leave_->item(at), value, true);
        case ArgumentKind::descriptor:
            return descriptor_words(value);
        case ArgumentKind::mode:
            return fmt::format("{:#04o}", value & 0xffffffff);
        case ArgumentKind::process_id:
            return fmt::format("{}", narrow(value));
        case ArgumentKind::signal:
            return signal_name(value & 0xffffffff);
        case ArgumentKind::size:
            return fmt::format("{}", value);
        case ArgumentKind::offset:
            return fmt::format("{}", static_cast<std::int64_t>(value));
        case ArgumentKind::address:
            break;
        }
        return address_words(value);
    }

    /// Paths are shown whole, buffers up to the limit.
    [[nodiscard]] std::string content(const Item* item, std::uint64_t address, bool limited) const {
        if (item == nullptr || item->content == Item::Content::unreadable) {
            return address_words(address);
        }
        return quoted(item->bytes, limited ? limit_ : item->bytes.size(), item->content == Item::Content::cut);
    }

    Isa isa_;
    const Record& enter_;
    const Record* leave_;
    std::size_t limit_;
    std::vector<std::string> words_;
};

} // namespace

std::vector<std::string>
argument_words(Isa isa, const Record& enter, const Record* leave, const CallRow* row, std::size_t string_limit) {
    if (row != nullptr) {
        return Words(isa, enter, leave, string_limit).of_row(*row);
    }
    std::vector<std::string> words;
    words.reserve(enter.words.size());
    for (const std::uint64_t word : enter.words) {
        words.push_back(fmt::format("{:#x}", word));
    }
    return words;
}

int error_of(const Record& leave) {
    const auto value = static_cast<std::int64_t>(leave.word(0));
    return !leave.restarts && value < 0 && value >= -largest_error ? static_cast<int>(-value) : 0;
}

std::string result_words(const Record& leave, std::string_view call) {
    if (leave.restarts) {
        return "? ERESTARTSYS (To be restarted if SA_RESTART is set)";
    }
    const auto value = static_cast<std::int64_t>(leave.word(0));
    if (const int error = error_of(leave); error != 0) {
        return leave.personality == "linux" ? fmt::format("-1 {}", error_words(error)) : fmt::format("{}", value);
    }
    return std::ranges::contains(address_results, call) ? fmt::format("{:#x}", leave.word(0))
                                                        : fmt::format("{}", value);
}

std::string quoted(std::string_view bytes, std::size_t limit, bool cut) {
    std::string text = "\"";
    const std::string_view shown = bytes.substr(0, limit);
    for (std::size_t i = 0; i < shown.size(); i++) {
        const auto byte = static_cast<unsigned char>(shown[i]);
        constexpr std::string_view special = "\"\\\n\t\r\v\f", letters = "\"\\ntrvf";
        if (const std::size_t at = special.find(static_cast<char>(byte)); at != std::string_view::npos) {
            text += '\\';
            text += letters[at];
        } else if (byte >= ' ' && byte < 0x7f) {
            text += static_cast<char>(byte);
        } else { // short where no digit follows that would belong to it
            const bool digit_follows = i + 1 < shown.size() && shown[i + 1] >= '0' && shown[i + 1] <= '7';
            text += digit_follows ? fmt::format("\\{:03o}", byte) : fmt::format("\\{:o}", byte);
        }
    }
    return text + (cut || shown.size() < bytes.size() ? "\"..." : "\"");
}

} // namespace host::trace

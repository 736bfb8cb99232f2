#include "walk/arguments.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <string_view>

namespace host::walk {

namespace {

using Kind = ArgumentKind;
constexpr std::array<std::string_view, 14> kind_names{"signed",    "unsigned",   "address", "pointer", "string",
                                                      "buffer in", "buffer out", "fd",      "flags",   "mode",
                                                      "pid",       "signal",     "size",    "offset"};

constexpr std::size_t most_bytes_shown = 64;
constexpr std::int32_t at_fdcwd = -100; // <fcntl.h>
constexpr std::int64_t most_errno = 4095;

Kind kind_of(Kind raw) {
    return static_cast<Kind>(std::min(static_cast<std::size_t>(raw), kind_names.size() - 1));
}

bool takes_two(Kind kind) {
    return kind == Kind::buffer_in || kind == Kind::buffer_out;
}

std::string hexadecimal(std::uint64_t value) {
    return value == 0 ? "NULL" : fmt::format("{:#x}", value);
}

/// The high half of a register is undefined where the type is an int.
std::int64_t as_signed(std::uint64_t value) {
    const std::uint64_t high = value >> 32;
    return high == 0 || high == 0xffffffff ? static_cast<std::int32_t>(value) : static_cast<std::int64_t>(value);
}

std::string string_at(std::uint64_t address, const MemoryReader& memory) {
    std::vector<std::uint8_t> bytes;
    while (bytes.size() <= most_bytes_shown) { // up to the end of a page at a time, the next may be unmapped
        const std::uint64_t at = address + bytes.size();
        const std::vector<std::uint8_t> more =
            memory(at, std::min<std::uint64_t>(most_bytes_shown + 1, 4096 - at % 4096));
        if (more.empty()) {
            return bytes.empty() ? hexadecimal(address) : quoted(bytes, true);
        }
        const auto end = std::ranges::find(more, std::uint8_t{0});
        bytes.insert(bytes.end(), more.begin(), end);
        if (end != more.end()) {
            return quoted(bytes, false);
        }
    }
    return quoted(bytes, true);
}

std::string buffer_at(std::uint64_t address, std::uint64_t length, const MemoryReader& memory) {
    const std::vector<std::uint8_t> bytes = memory(address, std::min<std::uint64_t>(length, most_bytes_shown));
    return bytes.empty() ? hexadecimal(address) : quoted(bytes, length > bytes.size());
}

std::string text_of(Kind kind, const std::uint64_t* words, const MemoryReader& memory) {
    switch (kind) {
    case Kind::signed_integer:
    case Kind::process_id:
        return std::to_string(as_signed(words[0]));
    case Kind::offset:
        return std::to_string(static_cast<std::int64_t>(words[0]));
    case Kind::unsigned_integer:
    case Kind::size:
        return std::to_string(words[0]);
    case Kind::address:
    case Kind::pointer:
        return hexadecimal(words[0]);
    case Kind::string:
        return string_at(words[0], memory);
    case Kind::buffer_in:
        return fmt::format("{}, {}", buffer_at(words[0], words[1], memory), words[1]);
    case Kind::buffer_out:
        return fmt::format("{}, {}", hexadecimal(words[0]), words[1]);
    case Kind::descriptor: {
        const auto fd = static_cast<std::int32_t>(words[0]);
        return fd == at_fdcwd ? "AT_FDCWD" : std::to_string(fd);
    }
    case Kind::flags:
        return fmt::format("{:#x}", static_cast<std::uint32_t>(words[0]));
    case Kind::mode:
        return fmt::format("{:#o}", static_cast<std::uint32_t>(words[0]));
    case Kind::signal: {
        const char* name = sigabbrev_np(static_cast<int>(words[0]));
        return name == nullptr ? std::to_string(as_signed(words[0])) : fmt::format("SIG{}", name);
    }
    }
    return hexadecimal(words[0]);
}

} // namespace

std::string quoted(const std::vector<std::uint8_t>& bytes, bool is_cut) {
    std::string text = "\"";
    const std::size_t shown = std::min(bytes.size(), most_bytes_shown);
    for (std::size_t i = 0; i < shown; i++) {
        const auto byte = bytes[i];
        switch (byte) {
        case '\n':
            text += "\\n";
            break;
        case '\t':
            text += "\\t";
            break;
        case '"':
        case '\\':
            text += '\\';
            text += static_cast<char>(byte);
            break;
        default:
            text +=
                byte >= 0x20 && byte < 0x7f ? std::string(1, static_cast<char>(byte)) : fmt::format("\\x{:02x}", byte);
        }
    }
    return text + (is_cut || shown < bytes.size() ? "\"..." : "\"");
}

unsigned register_count(const CallRow& row) {
    unsigned count = 0;
    for (const Kind raw : row.kinds) {
        count += takes_two(kind_of(raw)) ? 2 : 1;
    }
    return count;
}

std::vector<Argument> decode_arguments(
    const CallRow& row, const std::vector<std::string>& names, const std::vector<std::uint64_t>& registers,
    const MemoryReader& memory) {
    std::vector<Argument> arguments;
    std::vector<std::uint64_t> words = registers;
    words.resize(std::max<std::size_t>(words.size(), register_count(row)));
    std::size_t at = 0;
    for (std::size_t i = 0; i < row.kinds.size(); i++) {
        const Kind kind = kind_of(row.kinds[i]);
        arguments.push_back(
            {.name = i < names.size() ? names[i] : std::string(),
             .type = std::string(kind_names.at(static_cast<std::size_t>(kind))),
             .value = words[at],
             .text = text_of(kind, words.data() + at, memory)});
        at += takes_two(kind) ? 2 : 1;
    }
    return arguments;
}

void decode_output(const CallRow& row, Recording& recording, const MemoryReader& memory) {
    const auto written = static_cast<std::int64_t>(recording.result);
    std::size_t at = 0;
    for (std::size_t i = 0; i < row.kinds.size() && i < recording.decoded.size(); i++) {
        const Kind kind = kind_of(row.kinds[i]);
        if (kind == Kind::buffer_out && written > 0 && at + 1 < recording.arguments.size()) {
            const std::uint64_t length = std::min<std::uint64_t>(recording.arguments[at + 1], recording.result);
            recording.decoded[i].text =
                fmt::format("{}, {}", buffer_at(recording.arguments[at], length, memory), recording.arguments[at + 1]);
        }
        at += takes_two(kind) ? 2 : 1;
    }
}

std::vector<std::string> decode_capability_call(const std::vector<std::uint64_t>& registers) {
    if (registers.size() < 2) {
        return {};
    }
    const std::uint64_t info = registers[1];
    const std::uint64_t length = info & 0x7f, extra = info >> 7 & 3;
    std::vector<std::string> lines{fmt::format(
        "capability {:#x}, label {}, {} words, {} extra capabilities", registers[0], info >> 12, length, extra)};
    for (std::size_t i = 0; i < length && i + 2 < registers.size(); i++) {
        lines.push_back(fmt::format("word {} = {:#x}", i, registers[i + 2]));
    }
    if (length + 2 > registers.size()) {
        lines.push_back(fmt::format("words {} to {} are in the IPC buffer", registers.size() - 2, length - 1));
    }
    return lines;
}

std::string linux_error(std::uint64_t result) {
    const auto value = static_cast<std::int64_t>(result);
    if (value >= 0 || value < -most_errno) {
        return {};
    }
    const char* name = strerrorname_np(static_cast<int>(-value));
    return name == nullptr ? std::string() : fmt::format("{} ({})", name, strerrordesc_np(static_cast<int>(-value)));
}

} // namespace host::walk

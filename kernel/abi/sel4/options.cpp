#include "abi/sel4/options.hpp"

#include "lib/log.hpp"
#include "process/argument_block.hpp"
#include "process/elf_image.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <sel4_isa/abi.hpp>

namespace abi::sel4 {
namespace {

constexpr std::string_view owner = "seL4";

/// "64M" in bytes; nothing: no size.
std::optional<std::uint64_t> parse_size(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{})
        return {};
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    unsigned shift = 0;
    if (unit == "K")
        shift = 10;
    else if (unit == "M")
        shift = 20;
    else if (unit == "G")
        shift = 30;
    else if (!unit.empty())
        return {};
    if (number == 0 || number > std::numeric_limits<std::uint64_t>::max() >> shift)
        return {};
    return number << shift;
}

constexpr auto flags_register = static_cast<std::size_t>(isa::cap_register);
constexpr auto memory_register = static_cast<std::size_t>(isa::info_register);

} // namespace

void put_options(const Options& options, arch::UserFrame& frame) {
    frame.general[flags_register] = std::uint64_t{options.smp} << 1 | std::uint64_t{options.debug_calls};
    frame.general[memory_register] = options.memory;
}

Options get_options(const arch::UserFrame& frame) {
    const std::uint64_t flags = frame.general[flags_register];
    return {.smp = (flags & 2) != 0, .debug_calls = (flags & 1) != 0, .memory = frame.general[memory_register]};
}

bool Options::accept(std::string_view word) {
    constexpr std::string_view memory_is = "memory=";
    if (word == "smp") {
        smp = true;
    } else if (word == "release") {
        debug_calls = false;
    } else if (word.starts_with(memory_is)) {
        const auto size = parse_size(word.substr(memory_is.size()));
        memory = size.value_or(0);
        return size.has_value();
    } else {
        return false;
    }
    return true;
}

Result<Options> read_options(const process::ElfImage& image, const process::ArgumentBlock& arguments) {
    Options options;
    options.smp = image.has_note(owner, static_cast<std::uint32_t>(Note::smp));
    options.debug_calls = !image.has_note(owner, static_cast<std::uint32_t>(Note::no_debug));
    std::array<char, 32> word;
    std::size_t length = 0, index = 0;
    for (std::size_t at = 0; at < arguments.bytes(); ++at) {
        const auto character = static_cast<char>(arguments.byte_at(at));
        if (character != '\0') {
            if (length < word.size())
                word[length++] = character;
            continue;
        }
        const std::string_view text(word.data(), length);
        if (index++ != 0 && !options.accept(text)) {
            klog::error("seL4: no option of a system (smp, release, memory=SIZE): {}", text);
            return fail(Error::invalid_argument);
        }
        length = 0;
    }
    return options;
}

} // namespace abi::sel4

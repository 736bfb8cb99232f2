#include "lib/format.hpp"

#include <charconv>

namespace format {
namespace {

/// A bounded output position; what does not fit is dropped.
struct Output {
    std::span<char> to;
    std::size_t used = 0;

    void put(std::string_view text) {
        for (char c : text)
            if (used < to.size())
                to[used++] = c;
    }
};

void put_argument(Output& out, std::string_view spec, const Argument& argument) {
    std::array<char, 24> digits;
    const auto print_number = [&](auto number, int base) {
        auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
        out.put({digits.data(), static_cast<std::size_t>(end - digits.data())});
    };
    if (argument.kind == Argument::Kind::text) {
        out.put(argument.text);
    } else if (spec == ":x") {
        out.put("0x");
        print_number(argument.number, 16);
    } else if (argument.kind == Argument::Kind::signed_integer) {
        print_number(static_cast<std::int64_t>(argument.number), 10);
    } else {
        print_number(argument.number, 10);
    }
}

} // namespace

std::size_t write(std::span<char> to, std::string_view text, std::span<const Argument> arguments) {
    Output out{to};
    std::size_t next = 0;
    while (!text.empty()) {
        const std::size_t open = text.find('{');
        out.put(text.substr(0, open));
        if (open == std::string_view::npos)
            break;
        const std::size_t close = text.find('}', open);
        if (close == std::string_view::npos || next == arguments.size())
            break;
        put_argument(out, text.substr(open + 1, close - open - 1), arguments[next++]);
        text.remove_prefix(close + 1);
    }
    return out.used;
}

} // namespace format

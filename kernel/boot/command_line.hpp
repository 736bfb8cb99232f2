#pragma once
// The kernel's own options: words of the command line (docs/boot-protocol.md).

#include <cstdint>
#include <optional>
#include <string_view>

namespace boot {

class CommandLine {
public:
    explicit CommandLine(std::string_view text) : text_(text) {}

    /// True when the word stands there by itself.
    bool has(std::string_view word) const;
    /// What stands behind the first `name=`; nothing when there is none.
    std::optional<std::string_view> value(std::string_view name) const;
    /// The same as a decimal number; nothing when it is none.
    std::optional<std::uint64_t> number(std::string_view name) const;

private:
    template <typename Accept>
    std::optional<std::string_view> find(Accept accept) const;
    std::string_view text_;
};

} // namespace boot

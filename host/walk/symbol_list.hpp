#pragma once
// A kernel's symbols from a text: System.map, or what Linux shows in /proc/kallsyms (both lines of "address type
// name").

#include <cstdint>
#include <istream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace host::walk {

class SymbolList {
public:
    /// Reads lines until the end; those that are none are skipped. Of several names at an address, the one that a
    /// reader would use: no section mark, no leading underscores.
    static SymbolList read(std::istream& input);

    /// False when no line was a symbol, or all addresses are 0 (kallsyms as an unprivileged user sees it).
    [[nodiscard]] bool is_usable() const { return !by_address_.empty(); }
    /// The function that an address is in; empty in front of the first, or more than 1 MiB behind the last.
    [[nodiscard]] std::string_view name_at(std::uint64_t address) const;
    [[nodiscard]] std::optional<std::uint64_t> address_of(std::string_view name) const;

private:
    std::map<std::uint64_t, std::string> by_address_;           ///< functions and labels of code
    std::map<std::string, std::uint64_t, std::less<>> by_name_; ///< these and data
};

} // namespace host::walk

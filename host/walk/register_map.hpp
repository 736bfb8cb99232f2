#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace host::walk {

/// Where a register lies in what the stub sends.
struct RegisterPlace {
    unsigned number = 0;    ///< for reading it alone
    std::size_t offset = 0; ///< in core_registers(), bytes
    std::size_t bytes = 0;
};

/// The stub's registers by name, from its XML files (GDB manual, "Target Description Format").
class RegisterMap {
public:
    explicit RegisterMap(const std::vector<std::string>& descriptions);

    [[nodiscard]] const RegisterPlace* find(std::string_view name) const;
    /// The value in what core_registers() returned; nothing when it is not a core register.
    [[nodiscard]] std::optional<std::uint64_t>
    value(const std::vector<std::uint8_t>& core, std::string_view name) const;

private:
    std::map<std::string, RegisterPlace, std::less<>> places_;
};

} // namespace host::walk

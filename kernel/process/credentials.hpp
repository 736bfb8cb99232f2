#pragma once
// Who a process acts for.

#include <array>
#include <cstdint>

namespace process {

struct Credentials {
    static constexpr std::size_t max_groups = 32;
    static constexpr std::uint64_t all_capabilities = (std::uint64_t{1} << 41) - 1;

    std::uint32_t user = 0, effective_user = 0, saved_user = 0, file_user = 0;
    std::uint32_t group = 0, effective_group = 0, saved_group = 0, file_group = 0;
    std::array<std::uint32_t, max_groups> groups{};
    std::uint32_t group_count = 0;
    std::uint64_t permitted = all_capabilities, effective = all_capabilities, inheritable = 0;
    bool no_new_privileges = false;

    bool is_root() const { return effective_user == 0; }
    bool in_group(std::uint32_t wanted) const {
        if (file_group == wanted)
            return true;
        for (std::size_t i = 0; i < group_count; ++i)
            if (groups[i] == wanted)
                return true;
        return false;
    }
};

} // namespace process

#pragma once
// Which call is meant by a name or a number.

#include "kernel_tables.hpp"
#include "walk/kernel_map.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace host::walk {

/// A call found by name or number.
struct KnownCall {
    std::string personality;
    std::int64_t number = 0;
    CallRow row; ///< without argument kinds where only its number is known
};

/// The calls that a kernel answers: from the tables in our own kernel's image, and from the map.
class CallNames {
public:
    /// `tables`: our own kernel with symbols; where that file is missing, only the map's calls have names.
    /// `personality`: whose calls to look among; empty: all, in the image's order.
    CallNames(const std::filesystem::path& tables, const KernelMap& map, std::string personality);

    /// Throws Failure(125) when there is no such name; a number need not be in a table.
    [[nodiscard]] KnownCall find(const std::string& name_or_number) const;
    /// Empty when it has none.
    [[nodiscard]] std::string name_of(std::int64_t number) const;
    /// One line for each call: personality, number, name.
    [[nodiscard]] std::string list() const;

private:
    std::vector<KnownCall> calls_;
};

} // namespace host::walk

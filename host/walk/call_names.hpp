#pragma once
// Which call is meant by a name or a number.

#include "isa.hpp"
#include "kernel_tables.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace host::walk {

/// Which registers carry a call; empty strings: those of Linux.
struct CallRegisters {
    std::string number{}, result{};
    std::vector<std::string> arguments{};
};

/// A call found by name or number.
struct KnownCall {
    std::string personality;
    std::int64_t number = 0;
    CallRow row; ///< without argument kinds where only its number is known
    CallRegisters registers{};
};

/// The calls that a kernel answers: from the tables in our own kernel's image, and for personalities without a table
/// from personalities.json.
class CallNames {
public:
    /// `tables`: our own kernel with symbols; that file may be missing. `personality`: whose calls to look among;
    /// empty: all, Linux's first.
    CallNames(const std::filesystem::path& tables, Isa isa, const std::string& personality);

    /// Throws Failure(125) when there is no such name; a number need not be in a table.
    [[nodiscard]] KnownCall find(const std::string& name_or_number) const;
    /// Empty when it has none.
    [[nodiscard]] std::string name_of(std::int64_t number) const;
    /// One line for each call: personality, number, name.
    [[nodiscard]] std::string list() const;

private:
    void add_tables(const std::filesystem::path& tables, const std::string& personality);
    void add_facts(Isa isa, const std::string& personality);

    std::vector<KnownCall> calls_;
};

} // namespace host::walk

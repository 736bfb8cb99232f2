#pragma once

#include "kernel_tables.hpp"

#include <map>
#include <string>
#include <vector>

namespace host::trace {

/// The kernel's tables as a trace looks them up.
class Tables {
public:
    explicit Tables(std::vector<CallTable> tables);

    /// Null: the personality has no row of that number.
    [[nodiscard]] const CallRow* find(const std::string& personality, unsigned number) const;
    /// True when a row, or an unsupported call that the original kernel has, bears this name.
    [[nodiscard]] bool knows(const std::string& name) const;
    [[nodiscard]] const std::vector<CallTable>& all() const { return tables_; }

private:
    std::vector<CallTable> tables_;
    std::map<std::string, std::map<unsigned, const CallRow*>> rows_;
};

} // namespace host::trace

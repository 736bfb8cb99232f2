#pragma once

#include "trace/tables.hpp"

#include <set>
#include <string>
#include <string_view>

namespace host::trace {

/// strace's -e trace=SET: which calls are shown. SET is a list of names and classes (%file, %desc, %process, %signal,
/// %memory, %time; all, none), '!' in front turns it round, '?' in front of a name says that there may be no such call.
class Filter {
public:
    Filter() = default; ///< everything
    /// Throws Failure(125) for a name that no table has and for an unknown class or qualifier.
    Filter(std::string_view set, const Tables& tables);

    /// `row` is null for a call that is not supported.
    [[nodiscard]] bool shows(std::string_view name, const CallRow* row) const;

private:
    std::set<std::string, std::less<>> names_, classes_;
    bool everything_ = true;
    bool inverted_ = false;
};

} // namespace host::trace

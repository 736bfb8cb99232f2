#pragma once

#include "isa.hpp"
#include "kernel_tables.hpp"
#include "trace/record.hpp"

#include <string>
#include <vector>

namespace host::trace {

/// Arguments as text, in their order. Those that only the end of the call knows (a buffer that it filled) come from
/// `leave`; null: the call has not ended, they show as addresses.
std::vector<std::string>
argument_words(Isa isa, const Record& enter, const Record* leave, const CallRow* row, std::size_t string_limit);

/// What the call gave: "3", "0x7f0000", "-1 ENOENT (No such file or directory)", "? ERESTARTSYS (...)".
std::string result_words(const Record& leave, std::string_view call);

/// The number of the error that a Linux call returned; 0: it succeeded.
int error_of(const Record& leave);

/// In quotes, with escapes as in C; at most `limit` bytes, with "..." behind when there is more.
std::string quoted(std::string_view bytes, std::size_t limit, bool cut);

} // namespace host::trace

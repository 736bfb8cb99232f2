#pragma once
// Words for numbers: flags, signals, errors, as strace shows them.

#include "isa.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace host::trace {

/// The bits of a flag or choice argument by name ("O_RDWR|O_CREAT", "SEEK_END"); empty when this argument of this call
/// has no names here. `argument` is the register.
std::string flag_words(Isa isa, std::string_view call, unsigned argument, std::uint64_t value);

/// "SIGCHLD", "SIGRT_2"; the number when it is no signal.
std::string signal_name(std::uint64_t number);

/// "ENOENT (No such file or directory)".
std::string error_words(int number);

/// Symbolic name alone ("ENOENT"); the number when it has none.
std::string error_name(int number);

} // namespace host::trace

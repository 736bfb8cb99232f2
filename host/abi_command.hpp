#pragma once

#include <string>

namespace host {

/// `pylon abi`: prints the support table of personality `name` (empty: all) for one ISA as Markdown or JSON, or for
/// all of them (`arch` is "all") as Markdown, on stdout.
/// Read from the kernel itself, so that it says what the kernel does. Returns the exit status.
int show_support(const std::string& arch, const std::string& name, bool as_json);

} // namespace host

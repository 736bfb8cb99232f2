#pragma once

#include <string>

namespace host {

/// `pylon test`: becomes tests/all.py, which runs all tests whose names `filter` matches (empty: everything that CI
/// runs).
[[noreturn]] void run_tests(const std::string& filter);

} // namespace host

#pragma once

#include "options.hpp"
#include "outcome.hpp"

#include <string>
#include <string_view>

namespace host {

/// Who reads the trace port of a run (options.trace).
class RunObserver {
public:
    virtual ~RunObserver() = default;
    /// Where the text that take() gives is written.
    virtual int output() = 0;
    /// Bytes that came; returns the text that they make.
    virtual std::string take(std::string_view bytes) = 0;
    /// Called once, when everything else of the run has been delivered.
    virtual void ended(const Outcome& outcome) = 0;
};

/// `pylon run` and `pylon debug`: boots the kernel with the program and relays its streams; returns pylon's exit
/// status.
int run(RunOptions options, RunObserver* observer = nullptr);

} // namespace host

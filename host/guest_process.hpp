#pragma once

#include "descriptor.hpp"

#include <string>
#include <sys/types.h>
#include <vector>

namespace host {

/// A QEMU process. It ends with this object, and with pylon, however pylon ends.
class GuestProcess {
public:
    /// Starts `command` with no input; `inherited` descriptors keep their numbers. Throws Failure(125).
    GuestProcess(const std::vector<std::string>& command, const std::vector<int>& inherited);
    ~GuestProcess();
    GuestProcess(const GuestProcess&) = delete;
    GuestProcess& operator=(const GuestProcess&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }

    /// Ends the process if it still runs and returns what it wrote on its own stdout and stderr.
    std::string end();

private:
    pid_t pid_ = -1;
    Descriptor words_;
};

} // namespace host

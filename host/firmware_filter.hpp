#pragma once

#include <string>
#include <string_view>

namespace host {

/// Takes OpenSBI's greeting out of what the riscv64 UART says: everything up to the end of its last line ("Boot HART
/// MEDELEG"). A stream that does not begin with the greeting passes as it is.
class FirmwareFilter {
public:
    explicit FirmwareFilter(bool active) : active_(active) {}

    /// What of `bytes` the guest said.
    std::string pass(std::string_view bytes);

private:
    bool active_;
    std::string held_;
};

} // namespace host

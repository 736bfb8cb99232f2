#pragma once
// What the process tree knows of a terminal: the terminals of terminal/ derive from this.

#include "file/attributes.hpp"
#include "lib/ref.hpp"

#include <cstdint>

namespace process {

class ControllingTerminal : public RefCounted<ControllingTerminal> {
public:
    virtual ~ControllingTerminal() = default;

    /// As /proc/PID/stat shows it.
    virtual file::DeviceNumber device() const = 0;
    /// The group that keyboard signals go to; 0: none. Any context, process::tree_lock may be held.
    virtual std::int32_t foreground_group() const = 0;
    /// The session's leader has ended: the terminal belongs to nobody. No locks held.
    virtual void session_ended(std::int32_t session) = 0;
};

} // namespace process

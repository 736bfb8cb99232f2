#pragma once
// Device nodes: which driver stands behind which number.

#include "file/open_file.hpp"

namespace file {

/// A kind of device. Objects live for ever and are registered at boot.
struct DeviceKind {
    std::uint32_t major;
    std::uint32_t first_minor;
    std::uint32_t minors; // how many from first_minor on
    /// Makes the open file. `path` is where the node is. Errors: no_device, no_memory, ...
    Result<Ref<OpenFile>> (*open)(DeviceNumber number, const Path& path, std::uint32_t flags);
    Type type = Type::character_device;
    DeviceKind* next = nullptr;
};

/// Boot only.
void register_device(DeviceKind& kind);

/// Opens the device that a node stands for. Errors: no_device, or the driver's.
Result<Ref<OpenFile>> open_device(Inode& inode, const Path& path, std::uint32_t flags);

/// null, zero, full, random, urandom, kmsg: the memory devices of major 1.
void register_memory_devices();

} // namespace file

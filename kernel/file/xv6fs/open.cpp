#include "file/xv6fs.hpp"

#include "file/xv6fs/file_system.hpp"

namespace file {

Result<Ref<FileSystem>> open_xv6fs(device::BlockDevice& disk) {
    return Ref<FileSystem>(TRY(xv6fs::Xv6FileSystem::open(disk)));
}

} // namespace file

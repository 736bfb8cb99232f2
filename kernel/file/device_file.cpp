#include "file/device_file.hpp"

namespace file {

namespace {

DeviceKind* kinds = nullptr;

} // namespace

void register_device(DeviceKind& kind) {
    kind.next = kinds;
    kinds = &kind;
}

Result<Ref<OpenFile>> open_device(Inode& inode, const Path& path, std::uint32_t flags) {
    DeviceNumber number = inode.attributes().device;
    for (DeviceKind* kind = kinds; kind; kind = kind->next)
        if (kind->type == inode.type() && kind->major == number.major
            && number.minor - kind->first_minor < kind->minors)
            return kind->open(number, path, flags);
    return fail(Error::no_device);
}

} // namespace file

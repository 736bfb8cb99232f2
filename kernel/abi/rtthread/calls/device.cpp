#include "abi/rtthread/calls/device.hpp"

#include "abi/rtthread/calls/creation.hpp"
#include "abi/rtthread/object/device_object.hpp"
#include "abi/rtthread/paths.hpp"
#include "lib/format.hpp"

#include <new>

namespace abi::rtthread {
namespace {

/// RT_DEVICE_OFLAG_*: the access mode; the rest says how a driver moves its bytes.
constexpr std::uint16_t access_mask = 3, write_only = 2;
enum DeviceCommand : std::int32_t { command_resume = 1, command_suspend = 2 };

Result<Ref<file::OpenFile>> opened(thread::Thread& thread, Handle handle) {
    Ref<file::OpenFile> file = TRY(find<DeviceObject>(thread, handle))->opened();
    if (!file)
        return fail(plain_error);
    return file;
}

} // namespace

Result<Handle> sys_rt_device_find(thread::Thread& thread, memory::UserString name) {
    ObjectName text;
    if (!name || !text.read(name) || text.text().empty())
        return 0;
    HandleTable& handles = state_of(thread).process->handles;
    if (const Handle known = handles.find_name(Object::Kind::device, text.text()))
        return known;
    std::array<char, 64> buffer;
    const std::string_view path(buffer.data(), format::print(buffer, "/dev/{}", text.text()));
    const file::CurrentIdentity who;
    auto found = file::look_up({.place = *thread.process->directory, .who = who}, path);
    const bool is_device =
        found
        && (found->inode().type() == file::Type::character_device || found->inode().type() == file::Type::block_device);
    if (!is_device)
        return 0;
    return hand_out(thread, Ref<DeviceObject>::adopt(new (std::nothrow) DeviceObject(text.text(), std::move(*found))));
}

Result<> sys_rt_device_init(thread::Thread& thread, Handle handle) {
    const Ref<DeviceObject> device = TRY(find<DeviceObject>(thread, handle));
    return {}; // its driver has done it
}

Result<> sys_rt_device_control(thread::Thread& thread, Handle handle, std::int32_t command, UserAddr) {
    const Ref<DeviceObject> device = TRY(find<DeviceObject>(thread, handle));
    return command == command_resume || command == command_suspend ? Result<>() : fail(Error::no_system_call);
}

Result<> sys_rt_device_open(thread::Thread& thread, Handle handle, std::uint16_t flags) {
    const Ref<DeviceObject> device = TRY(find<DeviceObject>(thread, handle));
    const std::uint16_t access = flags & access_mask;
    const std::uint32_t mode = access == 1            ? file::open_read
                               : access == write_only ? file::open_write
                                                      : file::open_read | file::open_write;
    const file::CurrentIdentity who;
    auto file = file::open_path_object(device->path, mode | file::open_no_terminal, who);
    if (!file)
        return fail(file.error() == Error::no_memory ? Error::no_memory : plain_error);
    device->open(std::move(*file));
    return {};
}

Result<> sys_rt_device_close(thread::Thread& thread, Handle handle) {
    return TRY(find<DeviceObject>(thread, handle))->release() ? Result<>() : fail(plain_error);
}

Result<std::size_t>
sys_rt_device_read(thread::Thread& thread, Handle handle, FileOffset position, memory::UserBytes buffer) {
    const Ref<file::OpenFile> file = TRY(opened(thread, handle));
    if (!memory::is_user_range(buffer.address().value, buffer.size()))
        return fail(Error::bad_address);
    file::Sink sink(buffer.address(), std::min(buffer.size(), max_transfer));
    return file->positioning() == file::Positioning::seekable ? file->read_at(position.value, sink) : file->read(sink);
}

Result<std::size_t>
sys_rt_device_write(thread::Thread& thread, Handle handle, FileOffset position, memory::ConstUserBytes buffer) {
    const Ref<file::OpenFile> file = TRY(opened(thread, handle));
    if (!memory::is_user_range(buffer.address().value, buffer.size()))
        return fail(Error::bad_address);
    file::Source source(buffer.address(), std::min(buffer.size(), max_transfer));
    return file->positioning() == file::Positioning::seekable ? file->write_at(position.value, source)
                                                              : file->write(source);
}

} // namespace abi::rtthread

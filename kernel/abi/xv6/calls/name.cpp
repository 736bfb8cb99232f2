#include "abi/xv6/calls/name.hpp"

#include "abi/xv6/path.hpp"
#include "file/operations.hpp"

namespace abi::xv6 {
namespace {

constexpr file::Mode new_mode = 0777;

/// A path whose last name is to be made or removed: the empty one has none.
Result<> read_new(PathText& text, memory::UserString path) {
    TRY(text.read(path));
    return text.text().empty() ? Result<>(fail(Error::not_found)) : Result<>();
}

/// xv6's device numbers (kernel/file.h) in the shared ones: its only device, the console, is 1. Others open nothing.
file::DeviceNumber to_device(std::int16_t major, std::int16_t minor) {
    constexpr std::int16_t console = 1;
    constexpr file::DeviceNumber shared_console{5, 1};
    constexpr std::uint32_t nobody = 240; // devices.txt: local use; nothing registers there
    if (major == console)
        return shared_console;
    return {
        nobody, static_cast<std::uint32_t>(static_cast<std::uint8_t>(major) << 8 | static_cast<std::uint8_t>(minor))};
}

} // namespace

Result<> sys_mknod(memory::UserString path, std::int16_t major, std::int16_t minor) {
    PathText text;
    TRY(read_new(text, path));
    return file::make_node(text.walk(), text.text(), file::Type::character_device, new_mode, to_device(major, minor));
}

Result<> sys_unlink(memory::UserString path) {
    PathText text;
    TRY(read_new(text, path));
    const Result<> done = file::unlink(text.walk(), text.text());
    if (done || done.error() != Error::is_directory)
        return done;
    return file::remove_directory(text.walk(), text.text()); // an empty one goes in the same way
}

Result<> sys_link(memory::UserString from, memory::UserString to) {
    PathText text;
    TRY(text.read(from));
    const file::Path target = TRY(file::look_up(text.walk(), text.found()));
    TRY(read_new(text, to));
    return file::make_link(target, text.walk(), text.text());
}

Result<> sys_mkdir(memory::UserString path) {
    PathText text;
    TRY(read_new(text, path));
    return file::make_directory(text.walk(), text.text(), new_mode);
}

Result<> sys_chdir(memory::UserString path) {
    PathText text;
    TRY(text.read(path));
    process::current().directory->set_current(TRY(file::look_up_directory(text.walk(), text.found())));
    return {};
}

} // namespace abi::xv6

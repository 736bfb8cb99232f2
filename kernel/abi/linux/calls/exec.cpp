#include "abi/linux/calls/exec.hpp"

#include "file/operations.hpp"
#include "lib/format.hpp"
#include "process/exec.hpp"

#include <linux/fcntl.h>
#include <linux/limits.h>
#include <new>

namespace abi::linux {
namespace {

/// Everything of one call that is too large for the kernel's stack.
struct Execution {
    process::ExecRequest request;
    std::array<char, PATH_MAX> path;
};

/// A null-terminated array of strings. A null array is an empty one, as on Linux.
Result<> copy_strings(process::ArgumentBlock& block, UserAddr array) {
    if (array.value == 0)
        return {};
    for (memory::UserPtr<const std::uint64_t> at(array);; at = at + 1) {
        const UserAddr text{TRY(at.read())};
        if (text.value == 0)
            return {};
        TRY(block.append(memory::UserString(text)));
        if (thread::current().work.load(std::memory_order_relaxed) & thread::work_exit)
            return fail(Error::restart); // killed: no need to copy the rest
    }
}

/// The file of the program and its name for AT_EXECFN.
Result<file::Path>
find(Descriptor directory, std::string_view path, std::uint32_t flags, std::span<char> name, std::string_view& shown) {
    process::Process& self = process::current();
    const file::CurrentIdentity who;
    const bool follow = (flags & AT_SYMLINK_NOFOLLOW) == 0;
    shown = path;
    if (path.empty() && !(flags & AT_EMPTY_PATH))
        return fail(Error::not_found);
    file::Path start;
    const bool from_descriptor = directory.value != AT_FDCWD && !path.starts_with('/');
    if (from_descriptor) {
        start = TRY(self.files->get(directory.value))->path;
        if (!start)
            return fail(path.empty() ? Error::access_denied : Error::not_directory);
        const std::size_t length = path.empty() ? format::print(name, "/dev/fd/{}", directory.value)
                                                : format::print(name, "/dev/fd/{}/{}", directory.value, path);
        shown = {name.data(), length};
    }
    return file::look_up_executable(
        {.place = *self.directory, .start = from_descriptor ? &start : nullptr, .who = who}, path, follow);
}

Result<> execute(
    thread::Thread& thread, Execution& execution, Descriptor directory, memory::UserString path, UserAddr arguments,
    UserAddr environment, std::uint32_t flags) {
    const std::string_view text = TRY(path.read(execution.path));
    std::array<char, 256> name;
    std::string_view shown;
    file::Path executable = TRY(find(directory, text, flags, name, shown));
    TRY(copy_strings(execution.request.arguments, arguments));
    TRY(copy_strings(execution.request.environment, environment));
    execution.request.isolate = thread.address_space->mode() == memory::EntryMode::trampoline;
    TRY(process::prepare(execution.request, std::move(executable), shown));
    return process::commit(thread, execution.request);
}

} // namespace

Result<FrameReplaced>
sys_execve(thread::Thread& thread, memory::UserString path, UserAddr arguments, UserAddr environment) {
    return sys_execveat(thread, {AT_FDCWD}, path, arguments, environment, {0});
}

Result<FrameReplaced> sys_execveat(
    thread::Thread& thread, Descriptor directory, memory::UserString path, UserAddr arguments, UserAddr environment,
    Flags flags) {
    if (flags.bits & ~std::uint32_t{AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW})
        return fail(Error::invalid_argument);
    auto* execution = new (std::nothrow) Execution;
    if (!execution)
        return fail(Error::no_memory);
    const Result<> done = execute(thread, *execution, directory, path, arguments, environment, flags.bits);
    delete execution;
    if (!done)
        return fail(done.error());
    return FrameReplaced();
}

} // namespace abi::linux

#include "abi/xv6/calls/exec.hpp"

#include "abi/xv6/path.hpp"
#include "file/operations.hpp"
#include "process/exec.hpp"

#include <new>

namespace abi::xv6 {
namespace {

/// argv: each string at most a page with its NUL, at most 31 of them.
Result<> copy_arguments(process::ArgumentBlock& block, UserAddr array) {
    memory::UserPtr<const std::uint64_t> at(array);
    for (std::size_t i = 0; i <= max_arguments; ++i) {
        const UserAddr text{TRY((at + i).read())};
        if (text.value == 0)
            return {};
        const std::size_t before = block.bytes();
        TRY(block.append(memory::UserString(text)));
        if (block.bytes() - before > page_size)
            return fail(Error::too_big);
    }
    return fail(Error::too_big);
}

Result<> execute(thread::Thread& thread, process::ExecRequest& request, memory::UserString path, UserAddr arguments) {
    PathText text;
    TRY(text.read(path));
    TRY(copy_arguments(request.arguments, arguments));
    file::Path executable = TRY(file::look_up_executable(text.walk(), text.found()));
    TRY(process::prepare(request, std::move(executable), text.text()));
    return process::commit(thread, request);
}

} // namespace

Result<FrameReplaced> sys_exec(thread::Thread& thread, memory::UserString path, UserAddr arguments) {
    auto* request = new (std::nothrow) process::ExecRequest;
    if (!request)
        return fail(Error::no_memory);
    const Result<> done = execute(thread, *request, path, arguments);
    delete request;
    if (!done)
        return fail(done.error());
    return FrameReplaced();
}

} // namespace abi::xv6

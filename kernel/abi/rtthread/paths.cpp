#include "abi/rtthread/paths.hpp"

#include "process/send.hpp"

#include <new>
#include <rtthread_isa/open_flags.hpp>

namespace abi::rtthread {

std::uint32_t descriptor_limit() {
    const std::uint64_t limit = process::current().limit(process::Resource::open_files).soft;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(limit, file::FileTable::hard_limit));
}

Result<Descriptor> add_descriptor(Ref<file::OpenFile> opened, bool close_on_exec) {
    return Descriptor{TRY(process::current().files->add(std::move(opened), close_on_exec, descriptor_limit()))};
}

Result<> PathArgument::read(memory::UserString path, Descriptor directory) {
    auto text = path.read(small_);
    if (!text && text.error() == Error::name_too_long) {
        large_ = new (std::nothrow) char[file::longest_path];
        if (!large_)
            return fail(Error::no_memory);
        text = path.read({large_, file::longest_path});
    }
    text_ = TRY(text);
    if (text_.empty())
        return fail(Error::not_found);
    if (directory.value == working_directory || text_.starts_with('/'))
        return {};
    start_ = TRY(open_file(directory))->path;
    return start_ ? Result<>() : fail(Error::not_directory);
}

Result<std::size_t> finish_write(thread::Thread& thread, Result<std::size_t> result) {
    if (!result && result.error() == Error::broken_pipe) [[unlikely]]
        process::send(thread, {.signal = process::Signal::pipe});
    return result;
}

std::uint32_t type_bits(file::Type type) {
    switch (type) {
    case file::Type::regular:
        return 0100000;
    case file::Type::directory:
        return 0040000;
    case file::Type::symlink:
        return 0120000;
    case file::Type::character_device:
        return 0020000;
    case file::Type::block_device:
        return 0060000;
    case file::Type::fifo:
        return 0010000;
    case file::Type::socket:
        return 0140000;
    case file::Type::anonymous:
        return 0;
    }
    return 0;
}

namespace {

struct FlagPair {
    std::uint32_t theirs, ours;
};
constexpr FlagPair flag_pairs[] = {
    {open_create_bit, file::open_create},
    {open_exclusive_bit, file::open_exclusive},
    {0400, file::open_no_terminal},
    {01000, file::open_truncate},
    {02000, file::open_append},
    {open_nonblock_bit, file::open_nonblock},
    {isa::o_directory, file::open_directory},
    {isa::o_nofollow, file::open_no_follow},
    {isa::o_direct, file::open_direct},
    {010000000, file::open_path},
};
constexpr std::uint32_t access_mode = 3, write_only = 1, read_write = 2;

} // namespace

std::uint32_t to_open_flags(std::uint32_t flags) {
    std::uint32_t ours = 0;
    for (const FlagPair& pair : flag_pairs)
        if (flags & pair.theirs)
            ours |= pair.ours;
    const std::uint32_t mode = flags & access_mode;
    if (mode == 0 || mode == read_write)
        ours |= file::open_read;
    if (mode == write_only || mode == read_write)
        ours |= file::open_write;
    return ours & file::open_path ? ours & (file::open_path | file::open_directory | file::open_no_follow) : ours;
}

std::uint32_t from_open_flags(std::uint32_t flags) {
    constexpr std::uint32_t shown = file::open_append | file::open_nonblock | file::open_directory | file::open_direct;
    std::uint32_t theirs = 0;
    for (const FlagPair& pair : flag_pairs)
        if (flags & shown & pair.ours)
            theirs |= pair.theirs;
    if (flags & file::open_write)
        theirs |= flags & file::open_read ? read_write : write_only;
    return theirs;
}

} // namespace abi::rtthread

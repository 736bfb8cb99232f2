#include "abi/rtthread/calls/file.hpp"

#include "abi/rtthread/paths.hpp"
#include "file/pipe.hpp"
#include "terminal/terminal.hpp"

#include <cstring>

namespace abi::rtthread {
namespace {

using memory::UserPtr;

Result<> check_range(UserAddr address, std::size_t bytes) {
    return memory::is_user_range(address.value, bytes) ? Result<>{} : fail(Error::bad_address);
}

Stat to_stat(const file::Attributes& from) {
    const auto device = [](file::DeviceNumber number) {
        return (number.minor & 0xff) | (number.major & 0xfff) << 8 | (std::uint64_t{number.minor} & ~0xffu) << 12;
    };
    const auto time = [](file::Timestamp stamp) {
        constexpr std::int64_t second = 1'000'000'000;
        const std::int64_t rest = stamp % second;
        return Timespec{stamp / second - (rest < 0), rest + (rest < 0 ? second : 0)};
    };
    Stat to{};
    to.device = device(from.file_system);
    to.number = from.number;
    to.mode = type_bits(from.type) | from.mode;
    to.links = from.links;
    to.user = from.user;
    to.group = from.group;
    to.raw_device = device(from.device);
    to.size = static_cast<std::int64_t>(from.size);
    to.block_size = static_cast<std::int32_t>(from.block_size);
    to.blocks = static_cast<std::int64_t>(from.blocks);
    to.accessed = time(from.accessed);
    to.modified = time(from.modified);
    to.changed = time(from.changed);
    return to;
}

} // namespace

Result<std::size_t> sys_read(Descriptor descriptor, memory::UserBytes buffer) {
    const auto opened = TRY(open_file(descriptor));
    if (!opened->can_read())
        return fail(Error::bad_descriptor);
    TRY(check_range(buffer.address(), buffer.size()));
    file::Sink sink(buffer.address(), std::min(buffer.size(), max_transfer));
    return opened->read(sink);
}

Result<std::size_t> sys_write(thread::Thread& thread, Descriptor descriptor, memory::ConstUserBytes buffer) {
    const auto opened = TRY(open_file(descriptor));
    if (!opened->can_write())
        return fail(Error::bad_descriptor);
    TRY(check_range(buffer.address(), buffer.size()));
    file::Source source(buffer.address(), std::min(buffer.size(), max_transfer));
    return finish_write(thread, opened->write(source));
}

Result<std::size_t> sys_pread64(Descriptor descriptor, memory::UserBytes buffer, FileOffset offset) {
    const auto opened = TRY(open_file(descriptor));
    TRY(check_range(buffer.address(), buffer.size()));
    file::Sink sink(buffer.address(), std::min(buffer.size(), max_transfer));
    return opened->read_at(offset.value, sink);
}

Result<std::size_t>
sys_pwrite64(thread::Thread& thread, Descriptor descriptor, memory::ConstUserBytes buffer, FileOffset offset) {
    const auto opened = TRY(open_file(descriptor));
    TRY(check_range(buffer.address(), buffer.size()));
    file::Source source(buffer.address(), std::min(buffer.size(), max_transfer));
    return finish_write(thread, opened->write_at(offset.value, source));
}

Result<std::uint64_t> sys_lseek(Descriptor descriptor, FileOffset offset, std::uint32_t whence) {
    const auto opened = TRY(open_file(descriptor));
    constexpr std::array known{file::Whence::start, file::Whence::current, file::Whence::end};
    if (whence >= known.size())
        return fail(Error::invalid_argument);
    return opened->seek(offset.value, known[whence]);
}

Result<Descriptor> sys_open(memory::UserString path, Flags flags, FileMode mode) {
    return sys_openat({working_directory}, path, flags, mode);
}

Result<Descriptor> sys_openat(Descriptor directory, memory::UserString path, Flags flags, FileMode mode) {
    PathArgument argument;
    TRY(argument.read(path, directory));
    auto opened = TRY(file::open(
        argument.walk(), argument.text(), to_open_flags(flags.bits), static_cast<file::Mode>(mode.bits & 07777)));
    return add_descriptor(std::move(opened), flags.bits & open_close_on_exec_bit);
}

Result<> sys_close(Descriptor descriptor) {
    return process::current().files->close(descriptor.value);
}

namespace {

/// fcntl() arrives as ioctl().
enum FileCommand : std::uint64_t {
    duplicate = 0,
    get_descriptor_flags = 1,
    set_descriptor_flags = 2,
    get_flags = 3,
    set_flags = 4,
    duplicate_close_on_exec = 1030,
};
/// ioctl numbers of the generic list.
enum DeviceCommand : std::uint64_t {
    tcgets = 0x5401,
    tcsets = 0x5402,
    tcsetsw = 0x5403,
    tcsetsf = 0x5404,
    tiocgpgrp = 0x540f,
    tiocspgrp = 0x5410,
    tiocgwinsz = 0x5413,
    tiocswinsz = 0x5414,
    fionread = 0x541b,
    fionbio = 0x5421,
};

Result<std::int64_t> add_copy(Ref<file::OpenFile> opened, std::uint64_t lowest, bool close_on_exec) {
    if (lowest >= descriptor_limit())
        return fail(Error::invalid_argument);
    return TRY(process::current().files->add(
        std::move(opened), close_on_exec, descriptor_limit(), static_cast<std::uint32_t>(lowest)));
}

/// struct termios of musl: as the kernel's, with places for speeds behind.
struct Termios {
    std::uint32_t input, output, control, local;
    std::uint8_t discipline;
    std::array<std::uint8_t, 32> characters;
    std::array<std::uint8_t, 3> padding;
    std::uint32_t input_speed, output_speed;
};
static_assert(sizeof(Termios) == 60);
struct WindowRecord {
    std::uint16_t rows, columns, width, height;
};

Result<> get_settings(terminal::Terminal& terminal, UserAddr to) {
    const terminal::Settings settings = terminal.settings();
    Termios record{
        .input = settings.input,
        .output = settings.output,
        .control = settings.control,
        .local = settings.local,
        .discipline = settings.discipline,
        .characters = {},
        .padding = {},
        .input_speed = settings.input_speed,
        .output_speed = settings.output_speed};
    std::copy(std::begin(settings.characters), std::end(settings.characters), record.characters.begin());
    return UserPtr<Termios>(to).write(record);
}

Result<> set_settings(terminal::Terminal& terminal, UserAddr from, std::uint64_t command) {
    const Termios record = TRY(UserPtr<const Termios>(from).read());
    terminal::Settings settings = terminal.settings();
    settings.input = record.input;
    settings.output = record.output;
    settings.control = record.control;
    settings.local = record.local;
    settings.discipline = record.discipline;
    std::size_t i = 0;
    for (auto& character : settings.characters)
        character = record.characters[i++];
    return terminal.set_settings(
        settings, command == tcsets    ? terminal::When::now
                  : command == tcsetsw ? terminal::When::drained
                                       : terminal::When::drained_and_flushed);
}

Result<std::int64_t> terminal_command(terminal::Terminal& terminal, std::uint64_t command, UserAddr argument) {
    switch (command) {
    case tcgets:
        TRY(get_settings(terminal, argument));
        return 0;
    case tcsets:
    case tcsetsw:
    case tcsetsf:
        TRY(set_settings(terminal, argument, command));
        return 0;
    case tiocgwinsz: {
        const terminal::WindowSize size = terminal.window_size();
        TRY(UserPtr<WindowRecord>(argument).write({size.rows, size.columns, size.width, size.height}));
        return 0;
    }
    case tiocswinsz: {
        const WindowRecord size = TRY(UserPtr<const WindowRecord>(argument).read());
        terminal.set_window_size({size.rows, size.columns, size.width, size.height});
        return 0;
    }
    case tiocgpgrp:
        TRY(UserPtr<std::int32_t>(argument).write(terminal.foreground_group()));
        return 0;
    case tiocspgrp:
        TRY(terminal.set_foreground_group(TRY(UserPtr<const std::int32_t>(argument).read())));
        return 0;
    default:
        return fail(Error::not_tty);
    }
}

} // namespace

Result<std::int64_t> sys_ioctl(Descriptor descriptor, std::uint64_t command, std::uint64_t argument) {
    auto opened = TRY(open_file(descriptor));
    file::FileTable& files = *process::current().files;
    switch (command) {
    case duplicate:
    case duplicate_close_on_exec:
        return add_copy(std::move(opened), argument, command == duplicate_close_on_exec);
    case get_descriptor_flags:
        return TRY(files.is_close_on_exec(descriptor.value)) ? 1 : 0;
    case set_descriptor_flags:
        TRY(files.set_close_on_exec(descriptor.value, argument & 1));
        return 0;
    case get_flags:
        return from_open_flags(opened->flags());
    case set_flags:
        opened->set_status_flags(to_open_flags(static_cast<std::uint32_t>(argument) & ~std::uint32_t{3}));
        return 0;
    case fionbio: {
        const bool on = TRY(UserPtr<const std::int32_t>(UserAddr{argument}).read()) != 0;
        const std::uint32_t flags = opened->flags() & ~std::uint32_t{file::open_nonblock};
        opened->set_status_flags(on ? flags | file::open_nonblock : flags);
        return 0;
    }
    case fionread: {
        const auto bytes = opened->readable_bytes();
        if (!bytes)
            return fail(Error::not_tty);
        const auto count = static_cast<std::int32_t>(std::min<std::size_t>(*bytes, INT32_MAX));
        TRY(UserPtr<std::int32_t>(UserAddr{argument}).write(count));
        return 0;
    }
    default:
        if (terminal::Terminal* terminal = opened->terminal())
            return terminal_command(*terminal, command, {argument});
        return fail(Error::not_tty);
    }
}

Result<> sys_fstat(Descriptor descriptor, UserPtr<Stat> to) {
    return to.write(to_stat(TRY(open_file(descriptor))->attributes()));
}

Result<> sys_stat(memory::UserString path, UserPtr<Stat> to) {
    PathArgument argument;
    TRY(argument.read(path));
    return to.write(to_stat(TRY(argument.look_up()).inode().attributes()));
}

Result<> sys_lstat(memory::UserString path, UserPtr<Stat> to) {
    PathArgument argument;
    TRY(argument.read(path));
    const bool follow = generation_of(thread::current()) == Generation::v5_0; // lstat is stat there
    return to.write(to_stat(TRY(argument.look_up(follow)).inode().attributes()));
}

Result<> sys_fsync(Descriptor descriptor) {
    return TRY(open_file(descriptor))->sync();
}

Result<> sys_ftruncate(Descriptor descriptor, FileOffset length) {
    if (length.value < 0)
        return fail(Error::invalid_argument);
    return file::truncate(*TRY(open_file(descriptor)), static_cast<std::uint64_t>(length.value));
}

Result<Descriptor> sys_dup(Descriptor descriptor) {
    return add_descriptor(TRY(open_file(descriptor)));
}

Result<Descriptor> sys_dup2(Descriptor from, Descriptor to) {
    auto opened = TRY(open_file(from));
    if (from.value == to.value)
        return to;
    if (to.value < 0)
        return fail(Error::bad_descriptor);
    TRY(process::current().files->replace(to.value, std::move(opened), false, descriptor_limit()));
    return to;
}

Result<> sys_pipe(UserPtr<std::int32_t> descriptors) {
    auto ends = TRY(file::create_pipe(0));
    file::FileTable& files = *process::current().files;
    const Descriptor reader = TRY(add_descriptor(std::move(ends.reader)));
    const auto writer = add_descriptor(std::move(ends.writer));
    if (!writer) {
        static_cast<void>(files.close(reader.value));
        return fail(writer.error());
    }
    const std::int32_t both[2] = {reader.value, writer->value};
    const auto copied = memory::copy_out(descriptors.address(), both, sizeof(both));
    if (!copied) {
        static_cast<void>(files.close(reader.value));
        static_cast<void>(files.close(writer->value));
    }
    return copied;
}

namespace {

/// struct dirent of musl, without its name.
struct RecordHead {
    std::uint64_t number;
    std::int64_t next;
    std::uint16_t length;
    std::uint8_t type;
} __attribute__((packed));
constexpr std::size_t record_alignment = 8;

/// The item as a record; 0: no room. Errors: bad_address.
Result<std::size_t> put_record(const file::DirectoryItem& item, UserAddr to, std::size_t room) {
    const std::size_t length = align_up(sizeof(RecordHead) + item.length + 1, record_alignment);
    if (length > room)
        return std::size_t{0};
    char record[align_up(sizeof(RecordHead) + file::longest_name + 1, record_alignment)] = {};
    const RecordHead head{
        item.number, static_cast<std::int64_t>(item.next), static_cast<std::uint16_t>(length),
        static_cast<std::uint8_t>(type_bits(item.type) >> 12)};
    std::memcpy(record, &head, sizeof(head));
    std::memcpy(record + sizeof(head), item.name, item.length);
    TRY(memory::copy_out(to, record, length));
    return length;
}

} // namespace

Result<std::size_t> sys_getdents(Descriptor descriptor, UserAddr buffer, std::uint64_t bytes) {
    const auto opened = TRY(open_file(descriptor));
    for (std::size_t done = 0;;) {
        file::DirectoryItem item;
        const std::uint64_t position = opened->offset();
        const auto found = opened->read_directory(item);
        if (!found || !*found)
            return done || found ? Result<std::size_t>(done) : fail(found.error());
        const auto put = put_record(item, buffer + done, bytes - done);
        if (!put || *put == 0) {
            opened->unread_directory(position);
            if (done)
                return done;
            return fail(put ? Error::invalid_argument : put.error());
        }
        done += *put;
    }
}

} // namespace abi::rtthread

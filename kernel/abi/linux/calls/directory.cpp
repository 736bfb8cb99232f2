#include "abi/linux/calls/directory.hpp"

#include "abi/linux/calls/legacy_files.hpp"
#include "abi/linux/file_arguments.hpp"
#include "file/mounting.hpp"

#include <cstring>
#include <linux/fs.h>
#include <linux/mount.h>
#include <linux/stat.h>
#include <new>

namespace abi::linux {

// Listing

namespace {

/// A linux_dirent64 record without its name (getdents(2)).
struct RecordHead {
    std::uint64_t number;
    std::int64_t next;
    std::uint16_t length;
    std::uint8_t type;
} __attribute__((packed));
constexpr std::size_t record_alignment = 8;

/// Each type as d_type has it: the S_IFMT bits shifted down.
std::uint8_t entry_type(file::Type type) {
    return static_cast<std::uint8_t>(type_bits(type) >> 12);
}

/// The item as a record in user memory; 0: no room. Errors: bad_address.
using PutRecord = Result<std::size_t> (*)(const file::DirectoryItem& item, UserAddr to, std::size_t room);

Result<std::size_t> put_record(const file::DirectoryItem& item, UserAddr to, std::size_t room) {
    std::size_t length = align_up(sizeof(RecordHead) + item.length + 1, record_alignment);
    if (length > room)
        return std::size_t{0};
    char record[align_up(sizeof(RecordHead) + file::longest_name + 1, record_alignment)] = {};
    RecordHead head{
        item.number, static_cast<std::int64_t>(item.next), static_cast<std::uint16_t>(length), entry_type(item.type)};
    std::memcpy(record, &head, sizeof head);
    std::memcpy(record + sizeof head, item.name, item.length);
    TRY(memory::copy_out(to, record, length));
    return length;
}

/// The record of the older call: the name comes before the type, which is the last byte.
Result<std::size_t> put_old_record(const file::DirectoryItem& item, UserAddr to, std::size_t room) {
    struct __attribute__((packed)) OldHead {
        std::uint64_t number;
        std::int64_t next;
        std::uint16_t length;
    };
    std::size_t length = align_up(sizeof(OldHead) + item.length + 2, record_alignment);
    if (length > room)
        return std::size_t{0};
    char record[align_up(sizeof(OldHead) + file::longest_name + 2, record_alignment)] = {};
    OldHead head{item.number, static_cast<std::int64_t>(item.next), static_cast<std::uint16_t>(length)};
    std::memcpy(record, &head, sizeof head);
    std::memcpy(record + sizeof head, item.name, item.length);
    record[length - 1] = static_cast<char>(entry_type(item.type));
    TRY(memory::copy_out(to, record, length));
    return length;
}

Result<std::size_t> list(Descriptor descriptor, UserAddr buffer, std::uint32_t bytes, PutRecord put_item) {
    auto opened = TRY(usable_file(descriptor));
    std::size_t done = 0;
    for (;;) {
        file::DirectoryItem item;
        std::uint64_t position = opened->offset();
        auto found = opened->read_directory(item);
        if (!found || !*found)
            return done || found ? Result<std::size_t>(done) : fail(found.error());
        auto put = put_item(item, buffer + done, bytes - done);
        if (!put || *put == 0) {
            opened->unread_directory(position);
            if (done)
                return done;
            return fail(put ? Error::invalid_argument : put.error());
        }
        done += *put;
    }
}

} // namespace

Result<std::size_t> sys_getdents64(Descriptor descriptor, UserAddr buffer, std::uint32_t bytes) {
    return list(descriptor, buffer, bytes, put_record);
}

Result<std::size_t> sys_getdents(Descriptor descriptor, UserAddr buffer, std::uint32_t bytes) {
    return list(descriptor, buffer, bytes, put_old_record);
}

// Making and removing names

Result<> sys_mkdirat(Descriptor directory, memory::UserString path, FileMode mode) {
    PathArgument argument;
    TRY(argument.read(directory, path));
    return file::make_directory(argument.walk(), argument.text(), static_cast<file::Mode>(mode.bits & 07777));
}

Result<> sys_mknodat(Descriptor directory, memory::UserString path, FileMode mode, std::uint32_t device) {
    auto type = to_type(mode.bits);
    if (type && *type == file::Type::directory)
        return fail(Error::not_permitted);
    if (!type || *type == file::Type::symlink)
        return fail(Error::invalid_argument);
    PathArgument argument;
    TRY(argument.read(directory, path));
    return file::make_node(
        argument.walk(), argument.text(), *type, static_cast<file::Mode>(mode.bits & 07777), decode_device(device));
}

Result<> sys_unlinkat(Descriptor directory, memory::UserString path, Flags flags) {
    if (flags.bits & ~std::uint32_t{AT_REMOVEDIR})
        return fail(Error::invalid_argument);
    PathArgument argument;
    TRY(argument.read(directory, path));
    if (flags.bits & AT_REMOVEDIR)
        return file::remove_directory(argument.walk(), argument.text());
    return file::unlink(argument.walk(), argument.text());
}

Result<> sys_linkat(
    Descriptor from_directory, memory::UserString from, Descriptor to_directory, memory::UserString to, Flags flags) {
    constexpr std::uint32_t known = AT_SYMLINK_FOLLOW | AT_EMPTY_PATH;
    if (flags.bits & ~known)
        return fail(Error::invalid_argument);
    bool allow_empty = flags.bits & AT_EMPTY_PATH;
    PathArgument source;
    TRY(source.read(from_directory, from, allow_empty));
    file::Path found = TRY(source.look_up(flags.bits & AT_SYMLINK_FOLLOW, allow_empty));
    PathArgument target;
    TRY(target.read(to_directory, to));
    return file::make_link(found, target.walk(), target.text());
}

Result<> sys_symlinkat(memory::UserString target, Descriptor directory, memory::UserString path) {
    PathText text;
    TRY(text.read(target));
    PathArgument argument;
    TRY(argument.read(directory, path));
    return file::make_symlink(argument.walk(), text.text(), argument.text());
}

Result<> sys_renameat2(
    Descriptor from_directory, memory::UserString from, Descriptor to_directory, memory::UserString to, Flags flags) {
    constexpr std::uint32_t known = RENAME_NOREPLACE | RENAME_EXCHANGE;
    if ((flags.bits & ~known) || flags.bits == known)
        return fail(Error::invalid_argument);
    PathArgument source;
    TRY(source.read(from_directory, from));
    PathArgument target;
    TRY(target.read(to_directory, to));
    auto mode = flags.bits & RENAME_NOREPLACE  ? file::RenameMode::no_replace
                : flags.bits & RENAME_EXCHANGE ? file::RenameMode::exchange
                                               : file::RenameMode::replace;
    return file::rename(source.walk(), source.text(), target.walk(), target.text(), mode);
}

Result<std::size_t>
sys_readlinkat(Descriptor directory, memory::UserString path, memory::UserPtr<char> buffer, std::int32_t bytes) {
    if (bytes <= 0)
        return fail(Error::invalid_argument);
    PathArgument argument;
    TRY(argument.read(directory, path, true));
    file::Path found = TRY(argument.look_up(false, true));
    if (!found.inode().is_symlink())
        return fail(argument.text().empty() ? Error::not_found : Error::invalid_argument);
    auto* target = new (std::nothrow) char[file::longest_path];
    if (!target)
        return fail(Error::no_memory);
    auto length = found.inode().read_link({target, file::longest_path});
    if (length) {
        std::size_t wanted = *length < static_cast<std::size_t>(bytes) ? *length : static_cast<std::size_t>(bytes);
        auto copied = memory::copy_out(buffer.address(), target, wanted);
        length = copied ? Result<std::size_t>(wanted) : fail(copied.error());
    }
    delete[] target;
    return length;
}

// Where the process stands

Result<> sys_chdir(memory::UserString path) {
    PathArgument argument;
    TRY(argument.read(path));
    process::current().directory->set_current(TRY(file::look_up_directory(argument.walk(), argument.text())));
    return {};
}

Result<> sys_fchdir(Descriptor descriptor) {
    auto opened = TRY(open_file(descriptor));
    if (!opened->path || !opened->path.inode().is_directory())
        return fail(Error::not_directory);
    TRY(file::check_permission(opened->path.inode().attributes(), file::CurrentIdentity(), file::may_execute));
    process::current().directory->set_current(opened->path);
    return {};
}

Result<> sys_chroot(memory::UserString path) {
    PathArgument argument;
    TRY(argument.read(path));
    file::Path found = TRY(file::look_up_directory(argument.walk(), argument.text()));
    if (!argument.who().is_root())
        return fail(Error::not_permitted);
    process::current().directory->set_root(std::move(found));
    return {};
}

Result<std::size_t> sys_getcwd(memory::UserPtr<char> buffer, std::uint64_t bytes) {
    file::WorkingDirectory& place = *process::current().directory;
    file::Path here = place.current();
    if (file::is_deleted(here))
        return fail(Error::not_found);
    auto* text = new (std::nothrow) char[file::longest_path];
    if (!text)
        return fail(Error::no_memory);
    Result<std::size_t> result = std::size_t{0};
    auto name = file::absolute_name(here, place.root(), {text, file::longest_path - 1});
    if (!name)
        result = fail(Error::name_too_long);
    else if (name->size() + 1 > bytes)
        result = fail(Error::out_of_range);
    else {
        text[file::longest_path - 1] = '\0'; // the name ends just before it
        auto copied = memory::copy_out(buffer.address(), name->data(), name->size() + 1);
        result = copied ? Result<std::size_t>(name->size() + 1) : fail(copied.error());
    }
    delete[] text;
    return result;
}

// Mounts

namespace {

std::uint32_t to_mount_flags(std::uint64_t flags) {
    return (flags & MS_RDONLY ? file::mount_read_only : 0u) | (flags & MS_NOSUID ? file::mount_no_set_id : 0u)
           | (flags & MS_NODEV ? file::mount_no_devices : 0u) | (flags & MS_NOEXEC ? file::mount_no_execute : 0u)
           | (flags & MS_NOATIME ? file::mount_no_atime : 0u);
}

// umount2(2): the flags have names only in the C library's header.
constexpr std::uint32_t unmount_force = 1;
constexpr std::uint32_t unmount_detach = 2;
constexpr std::uint32_t unmount_expire = 4;
constexpr std::uint32_t unmount_no_follow = 8;

} // namespace

Result<> sys_mount(
    memory::UserString source, memory::UserString target, memory::UserString type, std::uint64_t flags, UserAddr) {
    constexpr std::uint64_t propagation = MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE;
    PathText type_text, source_text;
    if (type)
        TRY(type_text.read(type, true));
    if (source)
        TRY(source_text.read(source, true));
    PathArgument at;
    TRY(at.read(target));
    if (!at.who().is_root())
        return fail(Error::not_permitted);
    file::Path place = TRY(at.look_up(true));
    std::uint32_t mount_flags = to_mount_flags(flags);
    if (flags & MS_REMOUNT) {
        place.mount->flags.store(mount_flags);
        return {};
    }
    if (flags & propagation)
        return {}; // there is one name space only
    if (flags & MS_BIND) {
        file::Path what =
            TRY(file::look_up({.place = *process::current().directory, .who = at.who()}, source_text.text()));
        return file::bind(what, place, mount_flags);
    }
    if (flags & MS_MOVE)
        return fail(Error::invalid_argument);
    if (!type)
        return fail(Error::invalid_argument);
    return file::mount_by_name(type_text.text(), place, mount_flags, source_text.text());
}

Result<> sys_umount2(memory::UserString target, Flags flags) {
    constexpr std::uint32_t known = unmount_force | unmount_detach | unmount_expire | unmount_no_follow;
    if (flags.bits & ~known)
        return fail(Error::invalid_argument);
    PathArgument at;
    TRY(at.read(target));
    file::Path place = TRY(at.look_up(!(flags.bits & unmount_no_follow)));
    if (!at.who().is_root())
        return fail(Error::not_permitted);
    return file::unmount(place, flags.bits & (unmount_detach | unmount_force));
}

} // namespace abi::linux

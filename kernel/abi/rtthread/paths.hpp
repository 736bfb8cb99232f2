#pragma once
// What file calls begin with: a descriptor, a path, names of flags.

#include "abi/argument.hpp"
#include "file/file_table.hpp"
#include "file/operations.hpp"
#include "process/process.hpp"

namespace abi::rtthread {

/// AT_FDCWD.
inline constexpr std::int32_t working_directory = -100;
/// The most that one read or write moves.
inline constexpr std::size_t max_transfer = 0x7ffff000;

/// Errors: bad_descriptor.
inline Result<Ref<file::OpenFile>> open_file(Descriptor descriptor) {
    return process::current().files->get(descriptor.value);
}
/// Gives the file the lowest free descriptor. Errors: too_many_open_files, no_memory.
Result<Descriptor> add_descriptor(Ref<file::OpenFile> opened, bool close_on_exec = false);
/// Descriptors the calling process may have.
std::uint32_t descriptor_limit();

/// A path argument: the text and where it starts.
class PathArgument {
public:
    PathArgument() = default;
    PathArgument(const PathArgument&) = delete;
    ~PathArgument() { delete[] large_; }

    /// Errors: bad_address, name_too_long, no_memory, not_found (empty); bad_descriptor, not_directory.
    Result<> read(memory::UserString path, Descriptor directory = {working_directory});
    std::string_view text() const { return text_; }
    /// Good as long as this object.
    file::Walk walk() const {
        return {.place = *process::current().directory, .start = start_ ? &start_ : nullptr, .who = who_};
    }
    const file::Identity& who() const { return who_; }
    /// Errors: those of file::look_up.
    Result<file::Path> look_up(bool follow = true) const { return file::look_up(walk(), text_, {.follow = follow}); }

private:
    std::array<char, 128> small_;
    char* large_ = nullptr;
    std::string_view text_;
    file::Path start_;
    file::CurrentIdentity who_;
};

/// A write that met a pipe without readers raises SIGPIPE besides its error.
Result<std::size_t> finish_write(thread::Thread& thread, Result<std::size_t> result);

/// The S_IFMT bits of a type.
std::uint32_t type_bits(file::Type type);

/// O_* of musl for this ISA in the shared services' terms.
std::uint32_t to_open_flags(std::uint32_t flags);
std::uint32_t from_open_flags(std::uint32_t flags);
inline constexpr std::uint32_t open_create_bit = 0100, open_exclusive_bit = 0200, open_nonblock_bit = 04000,
                               open_close_on_exec_bit = 02000000;

} // namespace abi::rtthread

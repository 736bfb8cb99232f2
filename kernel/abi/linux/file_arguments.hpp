#pragma once
// What most file calls begin with: a descriptor, a path relative to a directory, a list of buffers.

#include "abi/argument.hpp"
#include "file/file_table.hpp"
#include "file/operations.hpp"
#include "process/process.hpp"

#include <linux/fcntl.h>

namespace abi::linux {

/// The most that one read or write moves (MAX_RW_COUNT: INT_MAX in whole pages).
inline constexpr std::size_t max_transfer = 0x7ffff000;

/// The open file behind a descriptor of the calling process. Errors: bad_descriptor.
inline Result<Ref<file::OpenFile>> open_file(Descriptor descriptor) {
    return process::current().files->get(descriptor.value);
}
/// The same, but not for files opened with O_PATH.
Result<Ref<file::OpenFile>> usable_file(Descriptor descriptor);

/// Gives the file the lowest free descriptor. Errors: too_many_open_files, no_memory.
Result<Descriptor> add_descriptor(Ref<file::OpenFile> opened, bool close_on_exec, std::uint32_t lowest = 0);

/// A path from user memory. Short ones stay on the stack.
class PathText {
public:
    PathText() = default;
    PathText(const PathText&) = delete;
    PathText& operator=(const PathText&) = delete;
    ~PathText() { delete[] large_; }

    /// Errors: bad_address, name_too_long, no_memory; not_found for an empty path unless `allow_empty`.
    Result<> read(memory::UserString path, bool allow_empty = false);
    std::string_view text() const { return text_; }

private:
    char small_[128];
    char* large_ = nullptr;
    std::string_view text_;
};

/// The path argument of an *at() call: the text and where it starts.
class PathArgument {
public:
    /// Errors: those of PathText; bad_descriptor, not_directory (a relative path below no directory).
    Result<> read(Descriptor directory, memory::UserString path, bool allow_empty = false);
    /// For calls without a directory argument.
    Result<> read(memory::UserString path) { return read({AT_FDCWD}, path); }

    std::string_view text() const { return text_.text(); }
    /// Good as long as this object.
    file::Walk walk() const {
        return {.place = *process::current().directory, .start = start_ ? &start_ : nullptr, .who = *who_};
    }
    const file::Identity& who() const { return *who_; }
    /// Acts with the real ids from now on (access).
    void use_real_ids() { who_ = &real_.emplace(file::CurrentIdentity::Which::real); }
    /// The file itself. Errors: those of file::look_up.
    Result<file::Path> look_up(bool follow, bool allow_empty = false) const {
        return file::look_up(walk(), text(), {.follow = follow, .allow_empty = allow_empty});
    }

private:
    PathText text_;
    file::Path start_;
    file::CurrentIdentity effective_;
    std::optional<file::CurrentIdentity> real_;
    const file::Identity* who_ = &effective_;
};

/// The buffers of readv and its like.
class SegmentList {
public:
    SegmentList() = default;
    SegmentList(const SegmentList&) = delete;
    SegmentList& operator=(const SegmentList&) = delete;
    ~SegmentList() { delete[] large_; }

    /// Errors: invalid_argument (more than 1024, or more bytes than a signed size holds), bad_address, no_memory.
    Result<> read(UserAddr list, std::uint64_t count);
    std::span<const file::Segment> segments() const { return {data_, count_}; }

private:
    static constexpr std::size_t inline_count = 8;
    file::Segment small_[inline_count];
    file::Segment* large_ = nullptr;
    file::Segment* data_ = small_;
    std::size_t count_ = 0;
};

/// Flags of open() in the shared services' terms. Unknown bits are ignored, as open() does.
std::uint32_t to_open_flags(std::uint32_t linux_flags);
/// And back, for fcntl(F_GETFL).
std::uint32_t from_open_flags(std::uint32_t flags);

/// The st_mode bits of a type.
std::uint32_t type_bits(file::Type type);
/// The type that the S_IFMT bits of a mode mean. Errors: invalid_argument.
Result<file::Type> to_type(std::uint32_t mode);

/// Device numbers as user space sees them (new_encode_dev).
constexpr std::uint64_t encode_device(file::DeviceNumber number) {
    return (number.minor & 0xff) | (number.major & 0xfff) << 8 | (std::uint64_t{number.minor} & ~0xffu) << 12;
}
constexpr file::DeviceNumber decode_device(std::uint64_t encoded) {
    return {
        .major = static_cast<std::uint32_t>(encoded >> 8 & 0xfff),
        .minor = static_cast<std::uint32_t>((encoded & 0xff) | (encoded >> 12 & 0xfff00))};
}

/// A write that met a pipe without readers raises SIGPIPE besides its error.
Result<std::size_t> finish_write(thread::Thread& thread, Result<std::size_t> result);

} // namespace abi::linux

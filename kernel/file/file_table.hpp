#pragma once
// Descriptors: small numbers to open files. One table per process, or shared (CLONE_FILES).

#include "file/open_file.hpp"

namespace file {

class FileTable final : public RefCounted<FileTable> {
public:
    static constexpr std::uint32_t hard_limit = 1u << 20; // descriptors in one table, whatever the process's limit says

    /// Errors: no_memory.
    static Result<Ref<FileTable>> create();
    /// A copy that changes on its own (fork). Errors: no_memory.
    Result<Ref<FileTable>> clone() const EXCLUDES(lock_);
    ~FileTable();

    /// Errors: bad_descriptor.
    Result<Ref<OpenFile>> get(std::int32_t descriptor) const EXCLUDES(lock_);

    /// Puts the file at the lowest free descriptor that is at least `lowest` and below `limit`.
    /// Errors: too_many_open_files, invalid_argument (lowest is not below the limit), no_memory.
    Result<std::int32_t> add(Ref<OpenFile> file, bool close_on_exec, std::uint32_t limit, std::uint32_t lowest = 0)
        EXCLUDES(lock_);
    /// Puts the file at exactly this descriptor; what was there is closed. Errors: bad_descriptor (not below the
    /// limit), no_memory.
    Result<> replace(std::int32_t descriptor, Ref<OpenFile> file, bool close_on_exec, std::uint32_t limit)
        EXCLUDES(lock_);
    /// Errors: bad_descriptor.
    Result<> close(std::int32_t descriptor) EXCLUDES(lock_);
    /// Closes [first, last]; with `mark_only` they are to be closed at exec.
    void close_range(std::uint32_t first, std::uint32_t last, bool mark_only) EXCLUDES(lock_);
    /// exec: closes what is marked so.
    void close_on_exec() EXCLUDES(lock_);
    /// Closes everything (exit).
    void close_all() EXCLUDES(lock_);

    /// Errors: bad_descriptor.
    Result<bool> is_close_on_exec(std::int32_t descriptor) const EXCLUDES(lock_);
    Result<> set_close_on_exec(std::int32_t descriptor, bool on) EXCLUDES(lock_);

    /// The lowest open descriptor at or above `from`; negative when there is none. For /proc/PID/fd.
    std::int32_t next_open(std::uint32_t from) const EXCLUDES(lock_);
    /// Slots allocated, as FDSize of /proc/PID/status.
    std::uint32_t size() const EXCLUDES(lock_);

private:
    struct Slot {
        OpenFile* file = nullptr; // owns a reference
        bool close_on_exec = false;
    };
    static constexpr std::uint32_t first_size = 32;

    FileTable() = default;
    Result<> reserve(std::uint32_t count) EXCLUDES(lock_);
    Ref<OpenFile> take(std::uint32_t descriptor) REQUIRES(lock_);

    mutable Spinlock lock_;
    Slot* slots_ GUARDED_BY(lock_) = nullptr;
    std::uint32_t size_ GUARDED_BY(lock_) = 0;
    std::uint32_t lowest_free_ GUARDED_BY(lock_) = 0; // nothing below is free
};

} // namespace file

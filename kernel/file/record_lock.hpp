#pragma once
// Advisory locks: on byte ranges, held by a process (POSIX) or an open file description, and on whole files (flock).

#include "file/inode.hpp"

#include <optional>

namespace file {

enum class LockKind : std::uint8_t { none, shared, exclusive };

/// [start, end) in bytes; end INT64_MAX: to the end, however far that moves.
struct LockRange {
    std::uint64_t start;
    std::uint64_t end;
};

/// A process, or an open file description when `open_file` is set.
struct LockOwner {
    std::int32_t process = 0;
    const OpenFile* open_file = nullptr;

    bool is_same(const LockOwner& other) const {
        return open_file || other.open_file ? open_file == other.open_file : process == other.process;
    }
};

struct FoundLock {
    LockOwner owner;
    LockKind kind;
    LockRange range;
};

/// The first lock of another owner that stands against this one; nothing when it could be set.
std::optional<FoundLock> find_conflict(Inode& inode, const LockOwner& owner, LockKind kind, LockRange range);
/// Sets, changes or (none) removes a range. Errors: would_block (a conflict and !waits), restart, deadlock, no_memory.
Result<> set_lock(Inode& inode, const LockOwner& owner, LockKind kind, LockRange range, bool waits);
/// flock: one lock on the whole file, independent of the ranges. Errors as above.
Result<> set_whole_lock(Inode& inode, const OpenFile& owner, LockKind kind, bool waits);

/// A descriptor of the process was closed: its POSIX locks on the file go.
void drop_process_locks(Inode& inode, std::int32_t process);
/// The open file description goes, with all its locks.
void drop_file_locks(Inode& inode, const OpenFile& owner);

} // namespace file

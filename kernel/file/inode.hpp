#pragma once
// A file without its name, and the file system it is in. Names are in tree.hpp, open files in open_file.hpp.
// Each file system derives its inodes from Inode; what a kind of file cannot do is answered here, as POSIX has it.

#include "file/attributes.hpp"
#include "file/transfer.hpp"
#include "lib/ref.hpp"
#include "lib/spinlock.hpp"
#include "memory/memory_object.hpp"

#include <atomic>

namespace file {

class Inode;
class OpenFile;
class Pipe;
struct Path;
struct RecordLock;

inline constexpr std::size_t longest_name = 255;  // bytes in one component
inline constexpr std::size_t longest_path = 4096; // bytes with the NUL
inline constexpr unsigned symlink_limit = 40;     // links followed in one look-up

/// One mounted or mountable set of inodes.
class FileSystem : public RefCounted<FileSystem> {
public:
    FileSystem(const char* type_name, bool keeps_entries);
    virtual ~FileSystem() = default;

    /// As /proc/mounts calls it: "tmpfs", "proc".
    const char* type_name() const { return type_name_; }
    /// True: the names in the tree are the directory's only storage (ramfs). False: names are looked up anew each time.
    bool keeps_entries() const { return keeps_entries_; }
    DeviceNumber device() const { return device_; }

    /// The root directory, made or read. Called once, when it is first mounted. Errors: no_memory, io.
    virtual Result<Ref<Inode>> make_root() = 0;
    virtual FileSystemUsage usage() = 0;
    virtual Result<> sync() { return {}; }

private:
    const char* type_name_;
    bool keeps_entries_;
    DeviceNumber device_;
};

/// What a new file is to be.
struct NewFile {
    Type type = Type::regular;
    Mode mode = 0;
    UserId user = 0;
    GroupId group = 0;
    DeviceNumber device{};
    std::string_view target{}; // symbolic links
};

/// Which attributes to set; what is not named stays.
struct AttributeChange {
    bool set_mode = false, set_user = false, set_group = false, set_accessed = false, set_modified = false;
    Mode mode = 0;
    UserId user = 0;
    GroupId group = 0;
    Timestamp accessed = 0, modified = 0;
};

/// One entry of a directory that is being listed.
struct DirectoryItem {
    std::uint64_t number = 0;
    Type type = Type::regular;
    std::uint64_t next = 0; // the position behind it
    std::size_t length = 0;
    char name[longest_name + 1] = {};

    std::string_view text() const { return {name, length}; }
    void set_name(std::string_view text);
};

/// What the caller of open() asked for. Creation is the tree's business (tree.hpp).
enum OpenFlag : std::uint32_t {
    open_read = 1u << 0,
    open_write = 1u << 1,
    open_append = 1u << 2,
    open_nonblock = 1u << 3,
    open_create = 1u << 4,
    open_exclusive = 1u << 5,
    open_truncate = 1u << 6,
    open_directory = 1u << 7, // only a directory will do
    open_no_follow = 1u << 8, // a symbolic link as the last component is an error (or, with open_path, opened itself)
    open_path = 1u << 9,      // a name only: no reading, no writing, no permission on the file itself
    open_no_terminal = 1u << 10,
    open_temporary = 1u << 11, // a file without a name, in the directory that was named
    open_synchronous = 1u << 12,
    open_direct = 1u << 13,
    open_no_atime = 1u << 14,
    open_async = 1u << 15,
};

class Inode : public RefCounted<Inode> {
public:
    Inode(FileSystem& file_system, Type type, std::uint64_t number);
    virtual ~Inode();

    FileSystem& file_system() const { return *file_system_; }
    Type type() const { return type_; }
    std::uint64_t number() const { return number_; }
    bool is_directory() const { return type_ == Type::directory; }
    bool is_symlink() const { return type_ == Type::symlink; }
    bool is_regular() const { return type_ == Type::regular; }

    // Any file

    virtual Attributes attributes() const;
    /// Permission was checked by the caller. Sets `changed` to now. Errors: not_permitted, read_only, io.
    virtual Result<> change(const AttributeChange& change);
    /// An open file of this inode, at `path` (empty for files without a name). `flags`: OpenFlag; permission and
    /// truncation are the caller's. May sleep (a fifo waits for its other end). Errors: no_device, no_memory, ...
    virtual Result<Ref<OpenFile>> open(const Path& path, std::uint32_t flags);

    // Regular files. Offsets and sizes in bytes.

    /// Reads at most to.remaining() bytes from `offset`; 0 at the end. Errors: bad_address, io, no_memory.
    virtual Result<std::size_t> read(std::uint64_t offset, Sink& to);
    /// Writes at `offset`, or at the end when `append`, where `offset` is set to the place written to.
    /// Errors: bad_address, no_space, file_too_large, io.
    virtual Result<std::size_t> write(std::uint64_t& offset, Source& from, bool append);
    /// Errors: invalid_argument (not a file that has a length), file_too_large, no_space.
    virtual Result<> truncate(std::uint64_t size);
    /// Makes room for [offset, offset + bytes); the file grows to hold it unless `keep_size`. Errors: not_supported.
    virtual Result<> allocate(std::uint64_t offset, std::uint64_t bytes, bool keep_size);
    /// Makes [offset, offset + bytes) read as zeros and gives its pages back; the size stays. Errors: not_supported.
    virtual Result<> punch_hole(std::uint64_t offset, std::uint64_t bytes);
    /// The pages, for mmap and exec; null when the file cannot be mapped.
    virtual Ref<memory::MemoryObject> memory_object() { return {}; }
    /// Brings what was written to the medium. Errors: io.
    virtual Result<> sync() { return {}; }
    /// The first data (or hole) at or after `offset`. Errors: out_of_range (behind the end).
    virtual Result<std::uint64_t> find_data(std::uint64_t offset, bool hole);

    // Symbolic links

    /// Copies the target, cut at to.size(); returns its bytes. `who` matters to /proc/self. Errors: invalid_argument.
    virtual Result<std::size_t> read_link(std::span<char> to);
    /// A link that leads straight to an object (/proc/PID/fd/N): where to. Errors: not_supported for ordinary links.
    virtual Result<Path> follow();

    // Directories; called with the tree's lock held.

    /// Directories that do not keep entries: the inode of that name. Errors: not_found.
    virtual Result<Ref<Inode>> look_up(std::string_view name);
    /// A new inode under `name`, which is free. Errors: not_found, not_permitted, read_only, no_space, no_memory.
    virtual Result<Ref<Inode>> create(std::string_view name, const NewFile& file);
    /// A new regular file without a name. Errors: not_supported.
    virtual Result<Ref<Inode>> create_unnamed(const NewFile& file);
    /// One more name for an inode of the same file system. Errors: not_permitted, link_limit.
    virtual Result<> link(std::string_view name, Inode& target);
    /// One name less. Directories are empty then (the tree saw to it). Errors: not_permitted.
    virtual Result<> remove(std::string_view name, Inode& target);
    /// Moves `target` from here to `to`, where `replaced` (null: nothing) has the new name. A directory that keeps
    /// entries finds it removed already; one that does not removes it in the same step. Errors: not_permitted,
    /// not_empty, and those of link().
    virtual Result<>
    rename(std::string_view name, Inode& target, Inode& to, std::string_view new_name, Inode* replaced);
    /// Directories that do not keep entries: the first entry at or after `position` (starting at 0; the dots are not
    /// among them); false at the end.
    virtual Result<bool> list(std::uint64_t position, DirectoryItem& item);

    // Running programs may not be written and files being written not run (ETXTBSY).

    /// Errors: text_busy.
    Result<> begin_write_access();
    void end_write_access();
    Result<> begin_execution();
    void end_execution();

    /// Marks the file read or written now.
    void touch_accessed();
    void touch_modified();
    /// Adds to the link count; used by the tree and the file systems.
    void add_links(int difference);
    std::uint32_t links() const;

protected:
    mutable Spinlock attribute_lock_;
    Attributes attributes_ GUARDED_BY(attribute_lock_); // all but type, number and file_system, which are set once

private:
    friend class FifoEnds; // pipe.cpp: the pipe of a fifo while somebody has it open
    Pipe* fifo_ = nullptr;
    unsigned fifo_users_ = 0;
    friend class RecordLocks; // record_lock.cpp: its lock guards the list
    RecordLock* record_locks_ = nullptr;

    Ref<FileSystem> file_system_;
    Type type_;
    std::uint64_t number_;
    std::atomic<std::int32_t> writers_{0}; // > 0: opened for writing so often; < 0: executed so often
};

/// Reads into kernel memory until `to` is full or the file ends; returns the bytes read.
Result<std::size_t> read_kernel(Inode& inode, std::uint64_t offset, std::span<std::byte> to);

} // namespace file

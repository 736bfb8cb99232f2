#pragma once
// The directory tree: names, parents, mounts, and the walk from a path to a file. One sleeping lock guards the shape of
// the whole tree (tree_lock()): names come and go rarely, and each rename is then one step. Lock order: the tree's
// lock, then whatever a file system or /proc takes (the process tree's lock). No user memory is touched while it is
// held.

#include "file/inode.hpp"
#include "thread/mutex.hpp"

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>

namespace file {

class Entry;
class Mount;
class WorkingDirectory;

thread::Mutex& tree_lock();

/// Frees an entry, and its parents as far as nothing else holds them, without recursion.
void destroy(Entry* entry);

/// A name in a directory. The root of a file system has an empty name and no parent.
class Entry final : public RefCounted<Entry> {
public:
    /// Errors: no_memory. `parent` null: the root of a file system.
    static Result<Ref<Entry>> create(Ref<Entry> parent, std::string_view name, Ref<Inode> inode);
    ~Entry();
    friend void destroy(Entry* entry);

    Inode& inode() const { return *inode_; }
    std::string_view name() const REQUIRES(tree_lock()) { return {name_, length_}; }
    Entry* parent() const REQUIRES(tree_lock()) { return parent_.get(); }
    /// False once the name was removed.
    bool is_linked() const REQUIRES(tree_lock()) { return linked_; }

    /// Entries kept by this directory.
    Entry* find(std::string_view name) REQUIRES(tree_lock());
    bool has_children() const REQUIRES(tree_lock()) { return !children_.empty(); }
    /// The first kept entry whose cookie is at least `cookie`; null at the end.
    Entry* next(std::uint64_t cookie) REQUIRES(tree_lock());
    /// The one behind `child`, which is kept here; null at the end.
    Entry* after(Entry& child) REQUIRES(tree_lock());
    std::uint64_t cookie() const REQUIRES(tree_lock()) { return cookie_; }
    void insert(Entry& child) REQUIRES(tree_lock()); // the directory now holds a reference
    void remove(Entry& child) REQUIRES(tree_lock()); // and gives it back
    /// Gives an entry that is in no directory a new place. Errors: no_memory.
    Result<> move_to(Ref<Entry> parent, std::string_view name) REQUIRES(tree_lock());
    /// Drops every kept entry below (a file system is going away).
    void clear() REQUIRES(tree_lock());

    unsigned mounts_here = 0; // mounts whose mount point this is; guarded by tree_lock()

private:
    Entry(Ref<Entry> parent, Ref<Inode> inode) : parent_(std::move(parent)), inode_(std::move(inode)) {}
    Result<> set_name(std::string_view name);

    struct ByName {
        using type = std::string_view;
        type operator()(const Entry& entry) const { return {entry.name_, entry.length_}; }
    };
    boost::intrusive::set_member_hook<> name_hook_;
    boost::intrusive::list_member_hook<> order_hook_;
    Ref<Entry> parent_;
    Ref<Inode> inode_;
    char* name_ = nullptr;
    std::uint8_t length_ = 0;
    bool linked_ = true;
    std::uint64_t cookie_ = 0;
    std::uint64_t next_cookie_ = 2; // 0 and 1 are the dots
    using NameHook = boost::intrusive::member_hook<Entry, boost::intrusive::set_member_hook<>, &Entry::name_hook_>;
    using OrderHook = boost::intrusive::member_hook<Entry, boost::intrusive::list_member_hook<>, &Entry::order_hook_>;
    boost::intrusive::set<Entry, NameHook, boost::intrusive::key_of_value<ByName>> children_;
    boost::intrusive::list<Entry, OrderHook> in_order_; // by cookie: the order of creation
};

enum MountFlag : std::uint32_t {
    mount_read_only = 1u << 0,
    mount_no_set_id = 1u << 1,
    mount_no_devices = 1u << 2,
    mount_no_execute = 1u << 3,
    mount_no_atime = 1u << 4,
};

/// A file system (or, for a bind mount, a part of one) at a place in the tree.
class Mount final : public RefCounted<Mount> {
public:
    Mount(Ref<FileSystem> mounted, Ref<Entry> top, std::uint32_t mount_flags)
        : file_system(std::move(mounted)), root(std::move(top)), flags(mount_flags) {}

    Ref<FileSystem> file_system;
    Ref<Entry> root; // what appears at the mount point
    std::atomic<std::uint32_t> flags;
    char source[64] = {}; // as given to mount(), for /proc/mounts
    std::uint32_t id = 0;
    // guarded by tree_lock(); null for the root of the tree, or once unmounted
    Ref<Mount> parent;
    Ref<Entry> mount_point;
    boost::intrusive::list_member_hook<> hook;
};

/// A place in the tree: which mount it was reached through, and the name.
struct Path {
    Ref<Mount> mount;
    Ref<Entry> entry;

    explicit operator bool() const { return static_cast<bool>(entry); }
    Inode& inode() const { return entry->inode(); }
    bool operator==(const Path&) const = default;
};

/// Whose look-up it is and where it starts.
struct Walk {
    const WorkingDirectory& place; // its root bounds `..` and starts absolute paths
    const Path* start = nullptr;   // where relative paths start; null: the working directory
    const Identity& who;
};

struct LookUpOptions {
    bool follow = true;       // a symbolic link as the last component
    bool directory = false;   // anything but a directory is Error::not_directory
    bool allow_empty = false; // "" means the start itself (AT_EMPTY_PATH)
};

/// The file at `path` (bytes without a NUL). Errors: not_found, not_directory, access_denied, name_too_long,
/// too_many_links.
Result<Path> look_up(const Walk& walk, std::string_view path, LookUpOptions options = {}) EXCLUDES(tree_lock());

/// Where a last component is, for those who make, remove or rename it.
struct LastComponent {
    enum class Kind : std::uint8_t { name, dot, dot_dot, root };
    Path directory;
    char name[longest_name + 1] = {};
    std::uint8_t length = 0;
    Kind kind = Kind::name;
    bool trailing_slash = false;

    std::string_view text() const { return {name, length}; }
};
/// Errors as look_up(). `last.directory` is a directory that may be searched.
Result<> look_up_parent(const Walk& walk, std::string_view path, LastComponent& last) EXCLUDES(tree_lock());
/// The child of that name, mounts on it entered, links not followed. Errors: not_found, io.
Result<Path> child(const Path& directory, std::string_view name) REQUIRES(tree_lock());

/// What is mounted on top of `path`, or `path` itself.
Result<Path> enter_mounts(Path path) REQUIRES(tree_lock());

/// The absolute name of `path` as seen below `root`, into the end of `buffer`; " (deleted)" is not added.
/// Errors: out_of_range (does not fit), not_found (not below `root`: the name is then from the tree's own root).
Result<std::string_view> absolute_name(const Path& path, const Path& root, std::span<char> buffer)
    EXCLUDES(tree_lock());
/// The same for holders of the lock.
Result<std::string_view> absolute_name_locked(const Path& path, const Path& root, std::span<char> buffer)
    REQUIRES(tree_lock());
/// True when the name was removed.
bool is_deleted(const Path& path) EXCLUDES(tree_lock());

// Mounts

/// The root of everything. Made once at boot.
Path tree_root();
Result<> initialise_tree(const Ref<FileSystem>& root_file_system);
/// Errors: busy, not_directory, no_memory.
Result<> mount(Ref<FileSystem> file_system, const Path& at, std::uint32_t flags, std::string_view source);
/// The same subtree at a second place. Errors: not_directory, no_memory.
Result<> bind(const Path& what, const Path& at, std::uint32_t flags);
/// Errors: invalid_argument (no mount's root), busy (mounts or open files below).
Result<> unmount(const Path& at, bool detach);
/// Calls visit(Mount&) for each mount in the order of mounting.
template <typename Visit>
void for_each_mount(Visit visit) REQUIRES(tree_lock());

using MountList = boost::intrusive::list<
    Mount, boost::intrusive::member_hook<Mount, boost::intrusive::list_member_hook<>, &Mount::hook>>;
MountList& all_mounts() REQUIRES(tree_lock());

template <typename Visit>
void for_each_mount(Visit visit) {
    for (Mount& mounted : all_mounts())
        visit(mounted);
}

} // namespace file

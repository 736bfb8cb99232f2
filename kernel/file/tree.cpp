#include "file/tree.hpp"

#include "file/tree_walk.hpp"

#include <cstring>
#include <new>

namespace file {

namespace {

// The kernel never ends: nothing is destroyed, and there is no atexit() to ask for it.
[[clang::no_destroy]] thread::Mutex lock;
[[clang::no_destroy]] MountList mounts GUARDED_BY(lock);
[[clang::no_destroy]] Ref<Mount> root_mount;
std::uint32_t next_mount_id = 1;

/// The newest mount on that place, null when there is none.
Mount* mounted_at(const Path& at) REQUIRES(tree_lock()) {
    for (Mount& candidate : all_mounts())
        if (candidate.mount_point == at.entry && candidate.parent == at.mount)
            return &candidate;
    return nullptr;
}

} // namespace

thread::Mutex& tree_lock() {
    return lock;
}

MountList& all_mounts() NO_THREAD_SAFETY_ANALYSIS {
    return mounts;
}

// Entries

Result<Ref<Entry>> Entry::create(Ref<Entry> parent, std::string_view name, Ref<Inode> inode) {
    auto entry = Ref<Entry>::adopt(new (std::nothrow) Entry(std::move(parent), std::move(inode)));
    if (!entry)
        return fail(Error::no_memory);
    TRY(entry->set_name(name));
    return entry;
}

Entry::~Entry() {
    delete[] name_;
}

void destroy(Entry* entry) {
    while (entry) {
        Entry* parent = entry->parent_.release();
        delete entry;
        entry = parent && parent->drop_reference() ? parent : nullptr;
    }
}

Result<> Entry::set_name(std::string_view name) {
    char* copy = nullptr;
    if (!name.empty()) {
        copy = new (std::nothrow) char[name.size()];
        if (!copy)
            return fail(Error::no_memory);
        std::memcpy(copy, name.data(), name.size());
    }
    delete[] name_;
    name_ = copy;
    length_ = static_cast<std::uint8_t>(name.size());
    return {};
}

Entry* Entry::find(std::string_view name) {
    auto found = children_.find(name);
    return found == children_.end() ? nullptr : &*found;
}

Entry* Entry::next(std::uint64_t cookie) {
    for (Entry& child : in_order_)
        if (child.cookie_ >= cookie)
            return &child;
    return nullptr;
}

Entry* Entry::after(Entry& child) {
    auto next = ++in_order_.iterator_to(child);
    return next == in_order_.end() ? nullptr : &*next;
}

void Entry::insert(Entry& child) {
    child.add_reference();
    child.linked_ = true;
    child.cookie_ = next_cookie_++;
    children_.insert(child);
    in_order_.push_back(child);
}

void Entry::remove(Entry& child) {
    children_.erase(children_.iterator_to(child));
    in_order_.erase(in_order_.iterator_to(child));
    child.linked_ = false;
    Ref<Entry>::adopt(&child).reset();
}

Result<> Entry::move_to(Ref<Entry> parent, std::string_view name) {
    TRY(set_name(name));
    parent_ = std::move(parent);
    return {};
}

void Entry::clear() {
    // Depth first without recursion: the deepest first child goes, then its parent is looked at again.
    Entry* at = this;
    while (at != this || has_children()) {
        if (at->has_children()) {
            at = &at->in_order_.front();
            continue;
        }
        Entry* up = at->parent_.get();
        up->remove(*at);
        at = up;
    }
}

// Look-up

Result<Path> enter_mounts(Path path) {
    while (path.entry->mounts_here) {
        Mount* mounted = mounted_at(path);
        if (!mounted)
            break;
        path = {Ref<Mount>::share(mounted), mounted->root};
    }
    return path;
}

Result<Path> child(const Path& directory, std::string_view name) {
    if (name.size() > longest_name)
        return fail(Error::name_too_long);
    Inode& inode = directory.inode();
    if (inode.file_system().keeps_entries()) {
        Entry* found = directory.entry->find(name);
        if (!found)
            return fail(Error::not_found);
        return enter_mounts({directory.mount, Ref<Entry>::share(found)});
    }
    Ref<Inode> found = TRY(inode.look_up(name));
    return Path{directory.mount, TRY(Entry::create(directory.entry, name, std::move(found)))};
}

Result<Path> look_up(const Walk& walk, std::string_view path, LookUpOptions options) {
    if (path.empty() && options.allow_empty)
        return walk.start ? *walk.start : walk.place.current();
    TreeWalk steps(walk);
    Result<Path> found = [&]() -> Result<Path> {
        thread::MutexGuard guard(tree_lock());
        TRY(steps.begin(path));
        return steps.finish(options.follow);
    }();
    if (found && options.directory && !found->inode().is_directory())
        return fail(Error::not_directory);
    return found;
}

Result<> look_up_parent(const Walk& walk, std::string_view path, LastComponent& last) {
    TreeWalk steps(walk);
    thread::MutexGuard guard(tree_lock());
    TRY(steps.begin(path));
    TRY(steps.go_to_last());
    last.directory = steps.current;
    last.trailing_slash = steps.trailing_slash;
    last.length = static_cast<std::uint8_t>(steps.last.size());
    steps.last.copy(last.name, longest_name);
    if (steps.last.empty())
        last.kind = LastComponent::Kind::root;
    else if (steps.last == ".")
        last.kind = LastComponent::Kind::dot;
    else if (steps.last == "..")
        last.kind = LastComponent::Kind::dot_dot;
    return {};
}

Result<std::string_view> absolute_name(const Path& path, const Path& root, std::span<char> buffer) {
    thread::MutexGuard guard(tree_lock());
    return absolute_name_locked(path, root, buffer);
}

Result<std::string_view> absolute_name_locked(const Path& path, const Path& root, std::span<char> buffer) {
    std::size_t at = buffer.size();
    Path here = path;
    while (!(here == root)) {
        if (here.entry == here.mount->root) {
            if (!here.mount->parent)
                break;
            Ref<Mount> mounted = here.mount;
            here = {mounted->parent, mounted->mount_point};
            continue;
        }
        std::string_view name = here.entry->name();
        if (at < name.size() + 1)
            return fail(Error::out_of_range);
        at -= name.size();
        std::memcpy(&buffer[at], name.data(), name.size());
        buffer[--at] = '/';
        Entry* up = here.entry->parent();
        if (!up)
            break;
        here.entry = Ref<Entry>::share(up);
    }
    if (at == buffer.size()) {
        if (at == 0)
            return fail(Error::out_of_range);
        buffer[--at] = '/';
    }
    return std::string_view(buffer.data() + at, buffer.size() - at);
}

bool is_deleted(const Path& path) {
    thread::MutexGuard guard(tree_lock());
    return !path.entry->is_linked();
}

// Mounts

Path tree_root() {
    return {root_mount, root_mount->root};
}

namespace {

Result<Ref<Mount>>
make_mount(Ref<FileSystem> file_system, Ref<Entry> root, std::uint32_t flags, std::string_view source) {
    auto made = Ref<Mount>::adopt(new (std::nothrow) Mount(std::move(file_system), std::move(root), flags));
    if (!made)
        return fail(Error::no_memory);
    std::size_t length = source.size() < sizeof made->source ? source.size() : sizeof made->source - 1;
    source.copy(made->source, length);
    return made;
}

/// Hangs a mount below `at` (or makes it the root of the tree, where `at` is empty). The list holds a reference.
void attach(Ref<Mount> made, const Path& at) REQUIRES(tree_lock()) {
    made->id = next_mount_id++;
    if (at) {
        made->parent = at.mount;
        made->mount_point = at.entry;
        ++at.entry->mounts_here;
    }
    all_mounts().push_back(*made.release());
}

} // namespace

Result<> initialise_tree(const Ref<FileSystem>& root_file_system) {
    Ref<Inode> inode = TRY(root_file_system->make_root());
    Ref<Entry> top = TRY(Entry::create({}, "", std::move(inode)));
    root_mount = TRY(make_mount(root_file_system, std::move(top), 0, "rootfs"));
    thread::MutexGuard guard(tree_lock());
    attach(root_mount, {});
    return {};
}

Result<> mount(Ref<FileSystem> file_system, const Path& at, std::uint32_t flags, std::string_view source) {
    if (!at.inode().is_directory())
        return fail(Error::not_directory);
    Ref<Inode> inode = TRY(file_system->make_root());
    Ref<Entry> top = TRY(Entry::create({}, "", std::move(inode)));
    Ref<Mount> made = TRY(make_mount(std::move(file_system), std::move(top), flags, source));
    thread::MutexGuard guard(tree_lock());
    if (!at.entry->is_linked())
        return fail(Error::not_found);
    Path place = TRY(enter_mounts(at));
    attach(std::move(made), place);
    return {};
}

Result<> bind(const Path& what, const Path& at, std::uint32_t flags) {
    if (what.inode().is_directory() != at.inode().is_directory())
        return fail(Error::not_directory);
    Ref<Mount> made = TRY(make_mount(what.mount->file_system, what.entry, flags, what.mount->source));
    thread::MutexGuard guard(tree_lock());
    if (!at.entry->is_linked() || !what.entry->is_linked())
        return fail(Error::not_found);
    Path place = TRY(enter_mounts(at));
    attach(std::move(made), place);
    return {};
}

Result<> unmount(const Path& at, bool detach) {
    Ref<Mount> gone;
    thread::MutexGuard guard(tree_lock());
    if (!(at.entry == at.mount->root) || !at.mount->parent)
        return fail(Error::invalid_argument);
    gone = at.mount;
    if (!gone->hook.is_linked())
        return fail(Error::invalid_argument);
    // The list, `gone` and the caller's path hold it; more is somebody who works there, or a mount below.
    if (!detach && gone->reference_count() > 3)
        return fail(Error::busy);
    for (Mount& other : all_mounts())
        if (other.parent == gone)
            return fail(Error::busy);
    all_mounts().erase(all_mounts().iterator_to(*gone));
    --gone->mount_point->mounts_here;
    gone->mount_point = {};
    gone->parent = {};
    bool other_mount = false;
    for (Mount& other : all_mounts())
        other_mount |= other.file_system == gone->file_system;
    if (!other_mount && gone->file_system->keeps_entries()) {
        Entry* top = gone->root.get(); // of a bind mount it may lie below the file system's own
        while (top->parent())
            top = top->parent();
        top->clear();
    }
    Ref<Mount>::adopt(gone.get()).reset(); // the list's
    return {};
}

} // namespace file

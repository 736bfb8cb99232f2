#include "file/tree_walk.hpp"

#include <cstring>
#include <new>

namespace file {

namespace {

bool is_dots(std::string_view name) {
    return name == "." || name == "..";
}

std::string_view skip_slashes(std::string_view text) {
    while (!text.empty() && text.front() == '/')
        text.remove_prefix(1);
    return text;
}

} // namespace

TreeWalk::~TreeWalk() {
    delete[] buffer_;
}

Result<> TreeWalk::begin(std::string_view path) {
    if (path.empty())
        return fail(Error::not_found);
    if (path.size() >= longest_path)
        return fail(Error::name_too_long);
    root_ = walk_.place.root();
    if (path.front() == '/')
        current = root_;
    else
        current = walk_.start ? *walk_.start : walk_.place.current();
    rest_ = path;
    return {};
}

Result<> TreeWalk::check_search() {
    if (!current.inode().is_directory())
        return fail(Error::not_directory);
    if (walk_.who.is_root())
        return {};
    return check_permission(current.inode().attributes(), walk_.who, may_execute);
}

Path TreeWalk::parent_of(const Path& path) {
    Path at = path;
    if (at == root_)
        return at;
    while (at.entry == at.mount->root && at.mount->parent) {
        Ref<Mount> mounted = at.mount;
        at = {mounted->parent, mounted->mount_point};
        if (at == root_)
            return at;
    }
    if (Entry* up = at.entry->parent())
        at.entry = Ref<Entry>::share(up);
    return at;
}

Result<Path> TreeWalk::step(std::string_view name) {
    TRY(check_search());
    if (name == ".")
        return current;
    if (name == "..") {
        Path up = parent_of(current);
        // What is mounted over the parent hides it.
        return enter_mounts(std::move(up));
    }
    return child(current, name);
}

Result<> TreeWalk::go_to_last() {
    for (;;) {
        std::string_view text = skip_slashes(rest_);
        if (text.empty()) {
            last = {};
            trailing_slash = true;
            rest_ = {};
            return current.inode().is_directory() ? Result<>{} : fail(Error::not_directory);
        }
        std::size_t length = text.find('/');
        std::string_view name = text.substr(0, length);
        std::string_view behind = text.substr(name.size());
        if (name.size() > longest_name)
            return fail(Error::name_too_long);
        if (skip_slashes(behind).empty()) {
            last = name;
            trailing_slash = !behind.empty();
            rest_ = {};
            return check_search();
        }
        Path next = TRY(step(name));
        rest_ = behind;
        if (next.inode().is_symlink())
            TRY(follow(next));
        else
            current = std::move(next);
    }
}

Result<Path> TreeWalk::last_child() {
    if (last.empty())
        return current;
    return step(last);
}

Result<> TreeWalk::follow(const Path& link) {
    if (++links_ > symlink_limit)
        return fail(Error::too_many_links);
    if (auto target = link.inode().follow()) {
        current = *target;
        if (rest_.empty() && trailing_slash)
            rest_ = "/";
        if (rest_.empty())
            last = {};
        return {};
    } else if (target.error() != Error::not_supported)
        return fail(target.error());

    if (!buffer_)
        buffer_ = new (std::nothrow) char[2 * longest_path];
    if (!buffer_)
        return fail(Error::no_memory);
    // The target goes to the front half, then before the rest in the back half, which may lie there already.
    std::size_t length = TRY(link.inode().read_link({buffer_, longest_path}));
    if (length == 0)
        return fail(Error::not_found);
    std::string_view rest = rest_.empty() && trailing_slash ? std::string_view("/") : rest_;
    if (length + rest.size() >= longest_path)
        return fail(Error::name_too_long);
    char* end = buffer_ + 2 * longest_path;
    if (!rest.empty())
        std::memmove(end - rest.size(), rest.data(), rest.size());
    char* start = end - rest.size() - length;
    std::memcpy(start, buffer_, length);
    rest_ = {start, length + rest.size()};
    if (*start == '/')
        current = root_;
    return {};
}

Result<Path> TreeWalk::finish(bool follow_last) {
    for (;;) {
        TRY(go_to_last());
        Path found = TRY(last_child());
        if (!last.empty() && !is_dots(last) && found.inode().is_symlink() && (follow_last || trailing_slash)) {
            TRY(follow(found));
            if (last.empty() && rest_.empty())
                return current; // the link led straight to an object
            continue;
        }
        if (trailing_slash && !found.inode().is_directory())
            return fail(Error::not_directory);
        return found;
    }
}

} // namespace file

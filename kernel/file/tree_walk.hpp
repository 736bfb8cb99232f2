#pragma once
// The walk along a path, one component after the other. Shared by look_up() and the operations that create or remove
// names; nobody else needs it.

#include "file/tree.hpp"
#include "file/working_directory.hpp"

namespace file {

class TreeWalk {
public:
    explicit TreeWalk(const Walk& walk) : walk_(walk) {}
    ~TreeWalk();
    TreeWalk(const TreeWalk&) = delete;
    TreeWalk& operator=(const TreeWalk&) = delete;

    /// Starts at the beginning of `path`. Errors: not_found (empty), name_too_long.
    Result<> begin(std::string_view path) REQUIRES(tree_lock());
    /// Goes on up to the last component, which it only names. Errors: those of look_up().
    Result<> go_to_last() REQUIRES(tree_lock());

    /// Where the walk stands: after go_to_last() the directory of the last component.
    Path current;
    std::string_view last;       // empty: the path ends here (it was "/" or a link that leads straight to an object)
    bool trailing_slash = false; // something follows the last component: it must be a directory

    /// The last component itself; dots are resolved. Errors: not_found, ...
    Result<Path> last_child() REQUIRES(tree_lock());
    /// Continues with the target of `link`, which is the last component. Then go_to_last() again. Errors:
    /// too_many_links, name_too_long, no_memory.
    Result<> follow(const Path& link) REQUIRES(tree_lock());
    /// The directory and the target of all links: the file at the end. Errors: those of look_up().
    Result<Path> finish(bool follow_last) REQUIRES(tree_lock());

private:
    Result<> check_search() REQUIRES(tree_lock());
    Result<Path> step(std::string_view name) REQUIRES(tree_lock());
    Path parent_of(const Path& path) REQUIRES(tree_lock());

    const Walk& walk_;
    Path root_;
    std::string_view rest_;
    char* buffer_ = nullptr; // link targets, filled from the end
    unsigned links_ = 0;
};

} // namespace file

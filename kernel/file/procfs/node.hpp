#pragma once
// /proc is a table: each row a name and what is behind it.

#include "file/text.hpp"
#include "file/tree.hpp"
#include "process/table.hpp"

namespace file::proc {

/// Whom a file below /proc/PID is about; zeros elsewhere.
struct Subject {
    process::Id process = 0;
    process::Id thread = 0; // below task/; 0: the process as a whole
    std::int32_t descriptor = -1;

    /// Errors: no_process (it is gone).
    Result<Ref<process::Process>> find() const;
};

struct Node {
    /// What a directory holds besides `children`.
    enum class Listing : std::uint8_t { none, processes, threads, descriptors };

    std::string_view name;
    Type type = Type::regular;
    Mode mode = 0444;
    std::span<const Node> children{};
    Listing listing = Listing::none;
    /// Regular files: writes the whole contents.
    Result<> (*text)(Text& to, const Subject& of) = nullptr;
    /// Takes what was written; null: may not be written.
    Result<> (*store)(std::string_view text, const Subject& of) = nullptr;
    /// Ordinary links: the target.
    Result<> (*link)(Text& to, const Subject& of) = nullptr;
    /// Links that lead straight to an object.
    Result<Path> (*object)(const Subject& of) = nullptr;
};

/// The rows, one list per file of this folder.
std::span<const Node> system_nodes();  // /proc itself
std::span<const Node> process_nodes(); // /proc/PID
std::span<const Node> thread_nodes();  // /proc/PID/task/TID
extern const Node descriptor_node;     // /proc/PID/fd/N

/// A path's name from the root of the tree, with " (deleted)" behind it when it is not there any more.
void write_path_name(Text& to, const Path& path);
/// What links below /proc/PID lead to. Errors: no_process, access_denied (another user's), not_found (it has none).
Result<Path> executable_path(const Subject& of);
Result<Path> current_path(const Subject& of);
Result<Path> root_path(const Subject& of);
/// The rights of /proc/PID/fd/N say how the file is open (proc(5)).
Mode descriptor_link_mode(const Subject& of);

/// /proc/mounts, as the current process's root sees it.
Result<> write_mounts(Text& to, const Subject& of);

} // namespace file::proc

// Where the links of /proc/PID lead: its program, its directories, its open files.

#include "file/directory_file.hpp"
#include "file/procfs/node.hpp"

#include <new>

namespace file::proc {

namespace {

using process::Process;

/// Only root and the owner may look through another process's links.
Result<Ref<Process>> find_own(const Subject& of) {
    Ref<Process> process = TRY(of.find());
    CurrentIdentity who;
    if (!who.is_root() && who.user != process->credentials_of().effective_user)
        return fail(Error::access_denied);
    return process;
}

Result<Path> existing(Path path) {
    return path ? Result<Path>(std::move(path)) : fail(Error::not_found);
}

} // namespace

void write_path_name(Text& to, const Path& path) {
    if (!path)
        return;
    auto* buffer = new (std::nothrow) char[longest_path];
    if (!buffer)
        return;
    if (auto name = absolute_name(path, tree_root(), {buffer, longest_path}))
        to.put(*name);
    delete[] buffer;
    if (is_deleted(path))
        to.put(" (deleted)");
}

Result<Path> executable_path(const Subject& of) {
    return existing(TRY(find_own(of))->executable_of());
}

Result<Path> current_path(const Subject& of) {
    auto directory = TRY(find_own(of))->directory_of();
    return existing(directory ? directory->current() : Path{});
}

Result<Path> root_path(const Subject& of) {
    auto directory = TRY(find_own(of))->directory_of();
    return existing(directory ? directory->root() : Path{});
}

namespace {

Result<Ref<OpenFile>> descriptor_file(const Subject& of) {
    auto files = TRY(find_own(of))->files_of();
    if (!files)
        return fail(Error::not_found);
    auto opened = files->get(of.descriptor);
    return opened ? opened : fail(Error::not_found);
}

Result<> write_descriptor_link(Text& to, const Subject& of) {
    auto opened = TRY(descriptor_file(of));
    char name[64];
    if (std::size_t length = opened->describe(name))
        to.put({name, length});
    else
        write_path_name(to, opened->path);
    return {};
}

/// Stands for an open file without a place in the tree (a pipe), so that a link can lead to it.
class HandleInode final : public Inode {
public:
    HandleInode(FileSystem& file_system, Ref<OpenFile> opened)
        : Inode(file_system, opened->attributes().type, opened->attributes().number), opened_(std::move(opened)) {}
    Attributes attributes() const override { return opened_->attributes(); }
    Result<Ref<OpenFile>> open(const Path&, std::uint32_t flags) override { return opened_->reopen(flags); }

private:
    Ref<OpenFile> opened_;
};

Result<Path> descriptor_path(const Subject& of) {
    auto opened = TRY(descriptor_file(of));
    if (opened->path)
        return opened->path;
    Path root = tree_root();
    auto inode = Ref<Inode>::adopt(new (std::nothrow) HandleInode(*root.mount->file_system, std::move(opened)));
    if (!inode)
        return fail(Error::no_memory);
    return Path{root.mount, TRY(Entry::create({}, "handle", std::move(inode)))};
}

} // namespace

Mode descriptor_link_mode(const Subject& of) {
    const auto opened = descriptor_file(of);
    if (!opened)
        return 0;
    return static_cast<Mode>(((*opened)->can_read() ? 0500 : 0) | ((*opened)->can_write() ? 0300 : 0));
}

constexpr Node descriptor_node{
    .name = {}, .type = Type::symlink, .mode = 0700, .link = write_descriptor_link, .object = descriptor_path};

} // namespace file::proc

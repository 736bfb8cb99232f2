#include "file/memory_file.hpp"

#include "file/ramfs.hpp"
#include "file/regular_file.hpp"
#include "memory/frame.hpp"

namespace file {

namespace {

Ref<RamFileSystem> hidden; // mounted nowhere

} // namespace

Result<> initialise_memory_files() {
    hidden = TRY(RamFileSystem::create("tmpfs", 0700, memory::total_frame_count() / 2));
    return {};
}

Result<Ref<OpenFile>> create_memory_file(std::string_view name) {
    CurrentIdentity who;
    NewFile file{.type = Type::regular, .mode = 0777, .user = who.user, .group = who.group};
    Ref<Inode> inode = TRY(RamInode::make(*hidden, file));
    inode->add_links(-1);
    return RegularFile::create_unnamed(*inode, name, open_read | open_write);
}

} // namespace file

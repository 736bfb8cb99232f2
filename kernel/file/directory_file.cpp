#include "file/directory_file.hpp"

#include <new>

namespace file {

Result<Ref<OpenFile>> DirectoryFile::create(const Path& path, std::uint32_t flags) {
    auto* made = new (std::nothrow) DirectoryFile(flags);
    if (!made)
        return fail(Error::no_memory);
    made->path = path;
    return Ref<OpenFile>::adopt(made);
}

Result<bool> DirectoryFile::read_directory(DirectoryItem& item) {
    thread::MutexGuard guard(offset_lock_);
    bool found = TRY(item_at(offset_, item));
    if (found)
        offset_ = item.next;
    return found;
}

Entry* DirectoryFile::entry_at(std::uint64_t position) {
    Entry& directory = *path.entry;
    bool continues = last_ && last_->is_linked() && last_->parent() == &directory && last_->cookie() + 1 == position;
    return continues ? directory.after(*last_) : directory.next(position);
}

Result<bool> DirectoryFile::item_at(std::uint64_t position, DirectoryItem& item) {
    thread::MutexGuard guard(tree_lock());
    Inode& directory = path.inode();
    if (!path.entry->is_linked())
        return fail(Error::not_found);
    if (position < 2) {
        Entry* parent = position == 1 ? path.entry->parent() : nullptr;
        item.set_name(position == 0 ? "." : "..");
        item.number = parent ? parent->inode().number() : directory.number();
        item.type = Type::directory;
        item.next = position + 1;
        return true;
    }
    if (!directory.file_system().keeps_entries())
        return directory.list(position, item);
    Entry* entry = entry_at(position);
    last_ = Ref<Entry>::share(entry);
    if (!entry)
        return false;
    item.set_name(entry->name());
    item.number = entry->inode().number();
    item.type = entry->inode().type();
    item.next = entry->cookie() + 1;
    return true;
}

Result<std::uint64_t> DirectoryFile::seek(std::int64_t offset, Whence whence) {
    if (whence == Whence::end || whence == Whence::data || whence == Whence::hole)
        return fail(Error::invalid_argument);
    return OpenFile::seek(offset, whence);
}

} // namespace file

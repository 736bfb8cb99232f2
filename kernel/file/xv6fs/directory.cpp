#include "file/xv6fs/directory.hpp"

#include "lib/log.hpp"

#include <cstring>

namespace file::xv6fs {

namespace {

constexpr std::uint32_t parent_slot = 1;

bool is_dot_name(std::string_view name) {
    return name == "." || name == "..";
}

Result<> check_name(std::string_view name) {
    return name.size() > name_bytes ? Result<>(fail(Error::name_too_long)) : Result<>{};
}

Result<DiskInode> describe(const NewFile& file) {
    DiskInode contents{};
    contents.links = 1;
    DeviceNumber number;
    switch (file.type) {
    case Type::directory:
        contents.type = DiskType::directory;
        return contents;
    case Type::regular:
        contents.type = DiskType::file;
        return contents;
    case Type::character_device:
    case Type::block_device:
        contents.type = DiskType::device;
        number = file.device == console ? disk_console : file.device;
        if (number.major > 0xffff || number.minor > 0xffff)
            return fail(Error::invalid_argument);
        contents.major = static_cast<std::int16_t>(number.major);
        contents.minor = static_cast<std::int16_t>(number.minor);
        return contents;
    default:
        return fail(Error::not_permitted); // the format has no place for them
    }
}

} // namespace

// Entries

template <typename Wanted>
Result<std::optional<DirectoryNode::Slot>> DirectoryNode::search(std::uint32_t from, Wanted wanted) {
    thread::MutexGuard guard(lock_);
    const std::uint32_t end = disk_.size / sizeof(DiskEntry);
    for (std::uint32_t index = from; index < end;) {
        const std::uint32_t next_block = (index / entries_per_block + 1) * entries_per_block;
        const std::uint32_t number = TRY(block_at(index / entries_per_block));
        if (number == 0) {
            index = next_block; // a hole: the original makes none
            continue;
        }
        const BlockRef block = TRY(volume().cache().read(number));
        for (; index < next_block && index < end; ++index) {
            Slot slot{.index = index, .block = number, .entry = {}};
            slot.entry = block.at<DiskEntry>(slot.offset());
            if (wanted(slot.entry))
                return slot;
        }
    }
    return std::nullopt;
}

Result<DirectoryNode::Slot> DirectoryNode::find(std::string_view name) {
    TRY(check_name(name));
    const auto found = TRY(search(0, [&](const DiskEntry& entry) { return entry.inode != 0 && entry.text() == name; }));
    return found ? Result<Slot>(*found) : fail(Error::not_found);
}

Result<std::uint32_t> DirectoryNode::parent_number() {
    const auto found = TRY(search(parent_slot, [](const DiskEntry&) { return true; }));
    return found && found->index == parent_slot && found->entry.text() == ".." ? found->entry.inode : 0u;
}

Result<bool> DirectoryNode::is_empty() {
    const auto found =
        TRY(search(0, [](const DiskEntry& entry) { return entry.inode != 0 && !is_dot_name(entry.text()); }));
    return !found;
}

Result<> DirectoryNode::touch_slot(Operation& operation, const Slot& slot) {
    operation.changed(TRY(volume().cache().read(slot.block)));
    return {};
}

void DirectoryNode::put(Operation& operation, const Slot& slot, std::string_view name, std::uint32_t number) {
    const auto block = volume().cache().read(slot.block);
    INVARIANT(block); // the operation keeps it in the cache
    block->at<DiskEntry>(slot.offset()).set(name, static_cast<std::uint16_t>(number));
    operation.changed(*block);
}

Result<> DirectoryNode::enter(Operation& operation, std::string_view name, std::uint32_t number) {
    if (const auto free = TRY(search(0, [](const DiskEntry& entry) { return entry.inode == 0; }))) {
        TRY(touch_slot(operation, *free));
        put(operation, *free, name, number);
        return {};
    }
    Slot slot;
    thread::MutexGuard guard(lock_);
    slot.index = disk_.size / sizeof(DiskEntry);
    auto block = make_block(operation, slot.index / entries_per_block);
    if (!block)
        return fail(block.error() == Error::file_too_large ? Error::no_space : block.error());
    slot.block = *block;
    TRY(touch_slot(operation, slot)); // a block that was there already; a new one is in the cache
    put(operation, slot, name, number);
    disk_.size += sizeof(DiskEntry);
    store(operation);
    return {};
}

/// "." and "..": of a directory that was just made.
Result<> DirectoryNode::fill_new(Operation& operation, std::uint32_t parent) {
    TRY(enter(operation, ".", disk_number()));
    return enter(operation, "..", parent);
}

// Looking

Result<Ref<Inode>> DirectoryNode::look_up(std::string_view name) {
    const Slot slot = TRY(find(name));
    if (slot.entry.inode == root_inode)
        return fail(Error::io); // the root has no name
    Ref<Node> found = TRY(volume().node(slot.entry.inode));
    // A directory that says it is elsewhere could be reached in a circle.
    if (found->is_directory() && TRY(static_cast<DirectoryNode&>(*found).parent_number()) != disk_number())
        return fail(Error::io);
    return Ref<Inode>(std::move(found));
}

Result<bool> DirectoryNode::list(std::uint64_t position, DirectoryItem& item) {
    const std::uint64_t from = position < 2 ? 0 : position - 2; // 0 and 1 are the tree's dots
    if (from >= max_file_bytes / sizeof(DiskEntry))
        return false;
    const auto found = TRY(search(static_cast<std::uint32_t>(from), [](const DiskEntry& entry) {
        const std::string_view name = entry.text();
        return entry.inode != 0 && !name.empty() && !is_dot_name(name) && !name.contains('/');
    }));
    if (!found)
        return false;
    item.set_name(found->entry.text());
    item.number = found->entry.inode;
    item.next = std::uint64_t{found->index} + 3;
    item.type = Type::regular;
    if (volume().layout().is_inode(found->entry.inode))
        if (const auto contents = volume().read_inode(found->entry.inode))
            item.type = contents->type == DiskType::directory ? Type::directory
                        : contents->type == DiskType::device  ? Type::character_device
                                                              : Type::regular;
    return true;
}

// Changing

Result<Ref<Node>> DirectoryNode::create_within(Operation& operation, std::string_view name, const DiskInode& contents) {
    TRY(touch(operation));
    Ref<Node> made = TRY(volume().create_node(operation, contents));
    Result<> done;
    if (made->is_directory())
        done = static_cast<DirectoryNode&>(*made).fill_new(operation, disk_number());
    if (done)
        done = enter(operation, name, made->disk_number());
    if (!done) {
        made->give_up(operation);
        return fail(done.error());
    }
    if (made->is_directory())
        change_links(operation, 1); // its ".."
    return made;
}

Result<Ref<Inode>> DirectoryNode::create(std::string_view name, const NewFile& file) {
    TRY(check_name(name));
    const DiskInode contents = TRY(describe(file));
    const std::int16_t links = disk_links();
    if (links == 0)
        return fail(Error::not_found); // it was removed
    if (links == max_links && file.type == Type::directory)
        return fail(Error::link_limit);
    // This inode and the new one; an entry here; the new directory's block, which one bitmap block more may have.
    Operation operation(volume().log(), 2 + volume().entry_share() + 1 + volume().bitmap_share(1));
    TRY(operation.begun());
    Ref<Node> made = TRY(create_within(operation, name, contents));
    touch_modified();
    return Ref<Inode>(std::move(made));
}

Result<> DirectoryNode::link(std::string_view name, Inode& target) {
    TRY(check_name(name));
    auto& node = static_cast<Node&>(target);
    const std::int16_t links = node.disk_links();
    if (links == 0 || disk_links() == 0)
        return fail(Error::not_found);
    if (links == max_links)
        return fail(Error::link_limit);
    Operation operation(volume().log(), 2 + volume().entry_share());
    TRY(operation.begun());
    TRY(touch(operation));
    TRY(node.touch(operation));
    TRY(enter(operation, name, node.disk_number()));
    node.change_links(operation, 1);
    touch_modified();
    return {};
}

void DirectoryNode::drop_link(Operation& operation, Node& removed) {
    if (removed.is_directory()) {
        removed.change_links(operation, -max_links); // it is empty: this was its only name
        change_links(operation, -1);                 // its ".."
    } else {
        removed.change_links(operation, -1);
    }
}

Result<> DirectoryNode::check_replaced(Inode& replaced) {
    if (replaced.is_directory() && !TRY(static_cast<DirectoryNode&>(replaced).is_empty()))
        return fail(Error::not_empty);
    return {};
}

Result<> DirectoryNode::remove(std::string_view name, Inode& target) {
    auto& node = static_cast<Node&>(target);
    const Slot slot = TRY(find(name));
    if (slot.entry.inode != node.disk_number())
        return fail(Error::not_found);
    TRY(check_replaced(target));
    Operation operation(volume().log(), 3);
    TRY(operation.begun());
    TRY(touch(operation));
    TRY(node.touch(operation));
    TRY(touch_slot(operation, slot));
    put(operation, slot, {}, 0);
    drop_link(operation, node);
    touch_modified();
    return {};
}

/// A directory may not come to lie below itself.
Result<> DirectoryNode::check_move(DirectoryNode& to, Node& target) {
    Ref<Node> at = Ref<Node>::share(&to);
    for (std::uint32_t steps = 0; steps < volume().layout().inodes; ++steps) {
        if (at->disk_number() == target.disk_number())
            return fail(Error::invalid_argument);
        if (at->disk_number() == root_inode)
            return {};
        const std::uint32_t up = TRY(static_cast<DirectoryNode&>(*at).parent_number());
        at = TRY(volume().node(up));
        if (!at->is_directory())
            break;
    }
    return fail(Error::io);
}

Result<>
DirectoryNode::rename(std::string_view name, Inode& target, Inode& to, std::string_view new_name, Inode* replaced) {
    TRY(check_name(new_name));
    auto& node = static_cast<Node&>(target);
    auto& there = static_cast<DirectoryNode&>(to);
    auto* gone = static_cast<Node*>(replaced);
    const bool moves = node.is_directory() && &there != this;
    if (there.disk_links() == 0)
        return fail(Error::not_found);
    if (moves)
        TRY(check_move(there, node));
    if (moves && !gone && there.disk_links() == max_links)
        return fail(Error::link_limit);
    if (gone)
        TRY(check_replaced(*gone));
    const Slot old_slot = TRY(find(name));
    Slot new_slot;
    if (gone)
        new_slot = TRY(there.find(new_name));
    Slot up_slot;
    if (moves) {
        const auto found =
            TRY(static_cast<DirectoryNode&>(node).search(parent_slot, [](const DiskEntry&) { return true; }));
        if (!found)
            return fail(Error::io);
        up_slot = *found;
    }
    if (old_slot.entry.inode != node.disk_number() || (gone && new_slot.entry.inode != gone->disk_number()))
        return fail(Error::not_found);

    // Three inodes, the old entry, "..", and the new entry.
    Operation operation(volume().log(), 3 + 2 + volume().entry_share());
    TRY(operation.begun());
    TRY(touch(operation));
    TRY(there.touch(operation));
    TRY(touch_slot(operation, old_slot));
    if (moves)
        TRY(touch_slot(operation, up_slot));
    if (gone) {
        TRY(gone->touch(operation));
        TRY(touch_slot(operation, new_slot));
        there.put(operation, new_slot, new_name, node.disk_number());
        there.drop_link(operation, *gone);
    } else {
        TRY(there.enter(operation, new_name, node.disk_number()));
    }
    // From here on nothing fails.
    put(operation, old_slot, {}, 0);
    if (moves) {
        put(operation, up_slot, "..", there.disk_number());
        change_links(operation, -1);
        there.change_links(operation, 1);
    }
    touch_modified();
    there.touch_modified();
    return {};
}

} // namespace file::xv6fs

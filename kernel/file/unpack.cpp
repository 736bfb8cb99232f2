#include "file/unpack.hpp"

#include "file/cpio.hpp"
#include "file/operations.hpp"
#include "file/ramfs.hpp"
#include "lib/log.hpp"
#include "memory/frame.hpp"

#include <arch/page_table.hpp>
#include <new>

namespace file {

namespace {

/// A file of the archive that has more names to come.
struct Linked {
    std::uint64_t number;
    DeviceNumber device;
    Path path;
    Linked* next;
};

class Unpacker {
public:
    Unpacker(const Path& directory, WorkingDirectory& place, bool own_frames)
        : walk_{.place = place, .start = &directory, .who = root_}, own_frames_(own_frames) {}
    ~Unpacker() {
        while (links_)
            delete std::exchange(links_, links_->next);
    }
    Unpacker(const Unpacker&) = delete;
    Unpacker& operator=(const Unpacker&) = delete;

    Result<> add(const CpioEntry& entry);

private:
    Result<> add_regular(const CpioEntry& entry);
    Result<> fill(Inode& inode, std::span<const std::byte> data);
    Result<> make(const CpioEntry& entry);
    Result<> make_parents(std::string_view name);
    Result<> set_attributes(const CpioEntry& entry);
    Path find(const CpioEntry& entry) const;

    Identity root_{};
    Walk walk_;
    bool own_frames_;
    Linked* links_ = nullptr;
};

Result<> Unpacker::make_parents(std::string_view name) {
    for (std::size_t slash = name.find('/'); slash != std::string_view::npos; slash = name.find('/', slash + 1)) {
        auto made = make_directory(walk_, name.substr(0, slash), 0755);
        if (!made && made.error() != Error::exists)
            return made;
    }
    return {};
}

/// Whole pages that lie on page boundaries stay where they are; the rest is copied.
Result<> Unpacker::fill(Inode& inode, std::span<const std::byte> data) {
    auto& pages = static_cast<RamRegular&>(inode).pages();
    std::uint64_t done = 0;
    if (own_frames_ && (reinterpret_cast<std::uintptr_t>(data.data()) & (page_size - 1)) == 0) {
        for (; data.size() - done >= page_size; done += page_size) {
            PhysAddr frame = arch::virt_to_phys(data.data() + done);
            memory::add_frame_reference(frame);
            if (auto adopted = pages.adopt(done >> page_shift, frame); !adopted) {
                memory::release_frame(frame);
                return adopted;
            }
        }
        pages.set_size(done);
    }
    Source rest(data.subspan(done));
    while (rest.remaining())
        done += TRY(inode.write(done, rest, false));
    return {};
}

Path Unpacker::find(const CpioEntry& entry) const {
    for (Linked* link = links_; link; link = link->next)
        if (link->number == entry.number && link->device == entry.archive_device)
            return link->path;
    return {};
}

Result<> Unpacker::add_regular(const CpioEntry& entry) {
    if (entry.links > 1) {
        if (Path first = find(entry)) {
            TRY(make_link(first, walk_, entry.name));
            return entry.data.empty() ? Result<>{} : fill(first.inode(), entry.data);
        }
    }
    TRY(make_node(walk_, entry.name, Type::regular, entry.mode, {}));
    Path made = TRY(look_up(walk_, entry.name, {.follow = false}));
    if (entry.links > 1) {
        auto* link = new (std::nothrow) Linked{entry.number, entry.archive_device, made, links_};
        if (!link)
            return fail(Error::no_memory);
        links_ = link;
    }
    return fill(made.inode(), entry.data);
}

Result<> Unpacker::make(const CpioEntry& entry) {
    std::string_view target(reinterpret_cast<const char*>(entry.data.data()), entry.data.size());
    switch (entry.type) {
    case Type::directory: {
        auto made = make_directory(walk_, entry.name, entry.mode);
        return made || made.error() != Error::exists ? made : Result<>{};
    }
    case Type::symlink:
        if (target.size() >= longest_path)
            return fail(Error::name_too_long);
        return make_symlink(walk_, target, entry.name);
    case Type::regular:
        return add_regular(entry);
    default:
        return make_node(walk_, entry.name, entry.type, entry.mode, entry.device);
    }
}

Result<> Unpacker::set_attributes(const CpioEntry& entry) {
    Path made = TRY(look_up(walk_, entry.name, {.follow = false, .allow_empty = true}));
    AttributeChange change;
    change.set_user = change.set_group = change.set_accessed = change.set_modified = true;
    change.set_mode = entry.type != Type::symlink;
    change.mode = entry.mode;
    change.user = entry.user;
    change.group = entry.group;
    change.accessed = change.modified = static_cast<Timestamp>(entry.modified) * 1'000'000'000;
    return made.inode().change(change);
}

Result<> Unpacker::add(const CpioEntry& entry) {
    if (entry.name.empty())
        return entry.type == Type::directory ? set_attributes(entry) : Result<>{};
    auto made = make(entry);
    if (!made && made.error() == Error::not_found) {
        TRY(make_parents(entry.name));
        made = make(entry);
    }
    if (!made && made.error() == Error::exists && entry.type != Type::directory) {
        TRY(unlink(walk_, entry.name));
        made = make(entry);
    }
    TRY(made);
    return set_attributes(entry);
}

} // namespace

Result<> unpack_cpio(std::span<const std::byte> archive, const Path& directory, bool own_frames) {
    Ref<WorkingDirectory> place = TRY(WorkingDirectory::create(directory, directory, 0));
    Unpacker unpacker(directory, *place, own_frames);
    CpioReader reader(archive);
    for (;;) {
        std::size_t at = reader.offset();
        auto entry = reader.next();
        if (!entry) {
            klog::error("initrd: {} at byte {}", reader.message(), reader.offset());
            return fail(entry.error());
        }
        const std::optional<CpioEntry>& found = *entry;
        if (!found)
            return {};
        if (auto added = unpacker.add(*found); !added) {
            klog::error("initrd: {} (at byte {}): {}", found->name, at, added.error());
            if (added.error() == Error::no_memory || added.error() == Error::no_space)
                return added;
        }
    }
}

} // namespace file

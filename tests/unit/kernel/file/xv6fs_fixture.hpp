#pragma once
// An xv6 file system on a disk in memory, mounted as the root of a tree, and somebody who works in it.

#include "fake/disk.hpp"
#include "fake/machine.hpp"
#include "file/file_table.hpp"
#include "file/operations.hpp"
#include "file/xv6fs.hpp"
#include "image.hpp"

#include <memory>
#include <string>
#include <vector>

namespace file {

/// While it lives the disk is mounted.
class MountedDisk {
public:
    explicit MountedDisk(fake::Disk& disk) {
        auto opened = open_xv6fs(disk);
        outcome = opened ? Result<>{} : fail(opened.error());
        if (!opened)
            return;
        system = *opened;
        auto inode = system->make_root();
        outcome = inode ? Result<>{} : fail(inode.error());
        if (!inode)
            return;
        top = *Entry::create({}, "", *inode);
        mounted = Ref<Mount>::adopt(new Mount(system, top, disk.read_only ? mount_read_only : 0));
        place = *WorkingDirectory::create(root(), root(), 022);
    }

    Path root() const { return {mounted, top}; }
    Walk walk() const { return {.place = *place, .start = nullptr, .who = who}; }

    Result<> make_dir(std::string_view path) { return make_directory(walk(), path, 0755); }
    Result<> remove_dir(std::string_view path) { return remove_directory(walk(), path); }
    Result<> unlink(std::string_view path) { return file::unlink(walk(), path); }
    Result<> link(std::string_view from, std::string_view to) {
        return make_link(TRY(look_up(walk(), from)), walk(), to);
    }
    Result<> rename(std::string_view from, std::string_view to) {
        return file::rename(walk(), from, walk(), to, RenameMode::replace);
    }
    Result<Ref<OpenFile>> open(std::string_view path, std::uint32_t flags) {
        return file::open(walk(), path, flags, 0644);
    }
    static Result<std::size_t> write(OpenFile& opened, std::string_view text) {
        Source source(std::as_bytes(std::span(text)));
        return opened.write(source);
    }
    Result<std::size_t> write_file(std::string_view path, std::string_view text, std::uint32_t flags = open_truncate) {
        const Ref<OpenFile> opened = TRY(open(path, open_write | open_create | flags));
        return write(*opened, text);
    }
    Result<std::string> read_file(std::string_view path) {
        const Ref<OpenFile> opened = TRY(open(path, open_read));
        std::string text;
        std::vector<std::byte> part(3000);
        for (;;) {
            Sink sink{std::span(part)};
            const std::size_t count = TRY(opened->read(sink));
            if (count == 0)
                return text;
            text.append(reinterpret_cast<const char*>(part.data()), count);
        }
    }
    Result<std::vector<std::string>> names(std::string_view path) {
        const Ref<OpenFile> opened = TRY(open(path, open_read | open_directory));
        std::vector<std::string> found;
        DirectoryItem item;
        while (TRY(opened->read_directory(item)))
            found.emplace_back(item.text());
        return found;
    }
    Result<> sync() { return system->sync(); }

    Result<> outcome;
    Ref<FileSystem> system;
    Ref<Entry> top;
    Ref<Mount> mounted;
    Ref<WorkingDirectory> place;
    Identity who{};
};

/// The text that a file of that many bytes has in these tests: no two blocks are the same.
inline std::string pattern(std::size_t bytes, unsigned seed = 0) {
    std::string text(bytes, '\0');
    for (std::size_t i = 0; i < bytes; ++i)
        text[i] = static_cast<char>('a' + (i / 7 + i / 1024 * 3 + seed) % 26);
    return text;
}

inline std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines)
        text += line + "\n";
    return text;
}

/// What is wrong with the disk as it is, after recovery.
inline std::string judge(std::vector<std::uint8_t> image) {
    xv6image::recover(image);
    return joined(xv6image::check(image));
}

} // namespace file

// xv6's file system through the tree, on a disk in memory; judged by a checker that shares no code with it.

#include "file/xv6fs/format.hpp"
#include "memory/frame_view.hpp"
#include "xv6fs_fixture.hpp"

#include <gtest/gtest.h>

namespace file {
namespace {

class Xv6FsTest : public testing::Test {
protected:
    void SetUp() override { mount(); }
    void mount() {
        fs.reset();
        fs = std::make_unique<MountedDisk>(disk);
        ASSERT_TRUE(fs->outcome) << error_name(fs->outcome.error());
    }
    void TearDown() override {
        fs.reset();
        EXPECT_EQ(judge(disk.medium), "");
    }
    template <typename T>
    static std::string error_of(const Result<T>& result) {
        return result ? "none" : error_name(result.error());
    }

    fake::Machine machine;
    fake::Disk disk{xv6image::make({}, {{"README", "xv6 is a re-implementation\n"}, {"big", pattern(40000)}})};
    std::unique_ptr<MountedDisk> fs;
};

TEST_F(Xv6FsTest, ReadsWhatMkfsWrote) {
    EXPECT_EQ(fs->names("/"), (std::vector<std::string>{".", "..", "README", "big"}));
    EXPECT_EQ(fs->read_file("README"), "xv6 is a re-implementation\n");
    EXPECT_EQ(fs->read_file("/big"), pattern(40000));
    const auto found = look_up(fs->walk(), "big");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->inode().attributes().size, 40000u);
    EXPECT_EQ(found->inode().attributes().links, 1u);
    EXPECT_EQ(found->inode().number(), 3u);
    EXPECT_EQ(error_of(fs->read_file("none")), "not_found");
}

TEST_F(Xv6FsTest, WritesSurviveAMount) {
    ASSERT_TRUE(fs->make_dir("d"));
    ASSERT_TRUE(fs->make_dir("d/e"));
    EXPECT_EQ(fs->write_file("d/e/f", pattern(100000, 3)), 100000u);
    EXPECT_EQ(fs->write_file("d/e/f", "tail", open_append), 4u);
    ASSERT_TRUE(fs->link("d/e/f", "g"));
    mount();
    EXPECT_EQ(fs->read_file("g"), pattern(100000, 3) + "tail");
    EXPECT_EQ(fs->names("d"), (std::vector<std::string>{".", "..", "e"}));
    ASSERT_TRUE(fs->unlink("d/e/f"));
    EXPECT_EQ(error_of(fs->remove_dir("d")), "not_empty");
    ASSERT_TRUE(fs->remove_dir("d/e"));
    ASSERT_TRUE(fs->remove_dir("d"));
    EXPECT_EQ(fs->read_file("g"), pattern(100000, 3) + "tail");
}

TEST_F(Xv6FsTest, FilesEndAt268Blocks) {
    const std::size_t most = 268 * 1024;
    EXPECT_EQ(fs->write_file("max", pattern(most + 5000)), most);
    EXPECT_EQ(error_of(fs->write_file("max", "x", open_append)), "file_too_large");
    EXPECT_EQ(fs->read_file("max"), pattern(most));
    const auto found = look_up(fs->walk(), "max");
    EXPECT_EQ(error_of(truncate(*found, most + 1, fs->who)), "file_too_large");
}

TEST_F(Xv6FsTest, CutsAndGrows) {
    const auto big = look_up(fs->walk(), "big");
    ASSERT_TRUE(truncate(*big, 5000, fs->who));
    EXPECT_EQ(fs->read_file("big"), pattern(40000).substr(0, 5000));
    ASSERT_TRUE(truncate(*big, 20000, fs->who));
    EXPECT_EQ(fs->read_file("big"), pattern(40000).substr(0, 5000) + std::string(15000, '\0'));
    const auto opened = fs->open("sparse", open_write | open_create);
    ASSERT_TRUE((*opened)->seek(30000, Whence::start));
    EXPECT_EQ(MountedDisk::write(**opened, "end"), 3u);
    EXPECT_EQ(fs->read_file("sparse"), std::string(30000, '\0') + "end");
}

TEST_F(Xv6FsTest, NamesHave14Bytes) {
    EXPECT_TRUE(fs->write_file("12345678901234", "a"));
    EXPECT_EQ(error_of(fs->write_file("123456789012345", "a")), "name_too_long");
    EXPECT_EQ(error_of(fs->read_file("123456789012345")), "name_too_long");
    EXPECT_EQ(error_of(fs->make_dir("123456789012345")), "name_too_long");
    EXPECT_EQ(error_of(fs->rename("README", "123456789012345")), "name_too_long");
    EXPECT_EQ(fs->read_file("12345678901234"), "a");
}

TEST_F(Xv6FsTest, UnlinkedFilesLiveWhileOpen) {
    auto opened = fs->open("big", open_read | open_write);
    ASSERT_TRUE(fs->unlink("big"));
    EXPECT_EQ(MountedDisk::write(**opened, "changed"), 7u);
    EXPECT_EQ((*opened)->attributes().links, 0u);
    const std::uint64_t before = fs->system->usage().free_blocks;
    (*opened)->set_offset(0);
    char text[7];
    Sink sink(std::as_writable_bytes(std::span(text)));
    EXPECT_EQ((*opened)->read(sink), 7u);
    EXPECT_EQ(std::string(text, 7), "changed");
    opened->reset();
    EXPECT_EQ(fs->system->usage().free_blocks, before + 41);
}

TEST_F(Xv6FsTest, OrphansAreFreedAtMount) {
    const auto opened = fs->open("big", open_read);
    ASSERT_TRUE(fs->unlink("big"));
    ASSERT_TRUE(fs->sync());
    fake::Disk cut(disk.medium); // the power goes here
    EXPECT_EQ(judge(cut.medium), "");
    MountedDisk again(cut);
    ASSERT_TRUE(again.outcome);
    EXPECT_EQ(again.system->usage().free_blocks, fs->system->usage().free_blocks + 41);
    EXPECT_EQ(again.system->usage().free_inodes, fs->system->usage().free_inodes + 1);
}

TEST_F(Xv6FsTest, Renames) {
    ASSERT_TRUE(fs->make_dir("a"));
    ASSERT_TRUE(fs->make_dir("b"));
    ASSERT_TRUE(fs->make_dir("a/c"));
    ASSERT_TRUE(fs->write_file("a/c/f", "1"));
    ASSERT_TRUE(fs->rename("README", "a/c/r"));
    ASSERT_TRUE(fs->rename("a/c/r", "a/c/f")); // replaces
    EXPECT_EQ(fs->read_file("a/c/f"), "xv6 is a re-implementation\n");
    EXPECT_EQ(error_of(fs->rename("a", "a/c/a")), "invalid_argument");
    ASSERT_TRUE(fs->rename("a/c", "b/d"));
    EXPECT_EQ(fs->read_file("b/d/../d/f"), "xv6 is a re-implementation\n");
    EXPECT_EQ(error_of(fs->rename("b", "a/../b/d/x")), "invalid_argument");
    ASSERT_TRUE(fs->make_dir("b/e"));
    EXPECT_EQ(error_of(fs->rename("b/e", "b/d")), "not_empty");
    ASSERT_TRUE(fs->rename("b/d", "b/e")); // over an empty directory
    ASSERT_TRUE(fs->rename("b", "a/b"));
    EXPECT_EQ(fs->names("/a/b"), (std::vector<std::string>{".", "..", "e"}));
    ASSERT_TRUE(fs->rename("a/b/e/f", "a/b/e/g"));
    EXPECT_EQ(error_of(fs->rename("a/b/e/g", "a")), "is_directory");
}

TEST_F(Xv6FsTest, ADiskCanBeFull) {
    std::uint64_t files = 0;
    std::string name;
    for (;; ++files) {
        name = "f" + std::to_string(files);
        const auto done = fs->write_file(name, pattern(268 * 1024));
        if (!done || *done < 268 * 1024)
            break;
    }
    EXPECT_EQ(fs->system->usage().free_blocks, 0u);
    EXPECT_EQ(error_of(fs->write_file("f0", "x", open_append)), "file_too_large");
    EXPECT_EQ(error_of(fs->write_file("README", pattern(2000), open_append)), "none"); // what fits into its block
    EXPECT_EQ(error_of(fs->write_file("README", pattern(2000), open_append)), "no_space");
    EXPECT_EQ(error_of(fs->make_dir("dir")), "no_space");
    ASSERT_TRUE(fs->sync());
    EXPECT_EQ(judge(disk.medium), "");
    // Empty files need inodes only, until the root needs another block.
    for (int i = 0; i < 300; ++i)
        (void)fs->write_file("e" + std::to_string(i), "");
    EXPECT_EQ(error_of(fs->write_file("last", "")), "no_space");
    ASSERT_TRUE(fs->unlink("f0"));
    EXPECT_EQ(fs->write_file("README", "new", open_append), 3u);
    EXPECT_TRUE(fs->make_dir("dir"));
}

TEST_F(Xv6FsTest, InodesRunOut) {
    int made = 0;
    while (fs->write_file("i" + std::to_string(made), ""))
        ++made;
    EXPECT_EQ(made, 196); // of 200: none, the root, README, big
    EXPECT_EQ(error_of(fs->make_dir("dir")), "no_space");
    ASSERT_TRUE(fs->unlink("i77"));
    EXPECT_TRUE(fs->make_dir("dir"));
}

TEST_F(Xv6FsTest, LargeDirectories) {
    for (int i = 0; i < 1000; ++i)
        ASSERT_TRUE(fs->link("README", "x" + std::to_string(i)));
    EXPECT_EQ(fs->names("/")->size(), 1004u);
    for (int i = 0; i < 1000; ++i)
        ASSERT_TRUE(fs->unlink("x" + std::to_string(i)));
    EXPECT_EQ(fs->read_file("README"), "xv6 is a re-implementation\n");
}

TEST_F(Xv6FsTest, RefusesWhatTheFormatHasNot) {
    EXPECT_EQ(error_of(make_symlink(fs->walk(), "README", "s")), "not_permitted");
    EXPECT_EQ(error_of(make_node(fs->walk(), "p", Type::fifo, 0644, {})), "not_permitted");
    EXPECT_EQ(error_of(fs->link("/", "l")), "not_permitted");
    const auto readme = look_up(fs->walk(), "README");
    EXPECT_EQ(error_of(change_mode(*readme, 0600, fs->who)), "not_permitted");
    EXPECT_EQ(error_of(change_mode(*readme, 0777, fs->who)), "none");
}

TEST_F(Xv6FsTest, DevicesKeepTheirNumbers) {
    ASSERT_TRUE(make_node(fs->walk(), "console", Type::character_device, 0666, {1, 0}));
    ASSERT_TRUE(make_node(fs->walk(), "tty", Type::character_device, 0666, {5, 1}));
    ASSERT_TRUE(make_node(fs->walk(), "null", Type::character_device, 0666, {1, 3}));
    mount();
    EXPECT_EQ(look_up(fs->walk(), "null")->inode().attributes().device, (DeviceNumber{1, 3}));
    EXPECT_EQ(look_up(fs->walk(), "console")->inode().attributes().device, (DeviceNumber{5, 1}));
    ASSERT_TRUE(fs->sync());
    EXPECT_EQ(look_up(fs->walk(), "tty")->inode().attributes().device, (DeviceNumber{5, 1}));
    EXPECT_EQ(xv6image::tree(disk.medium)["/console"].type, 3);
    const std::size_t tty = (2 + 30) * 1024 + 5 * 64; // its inode, number 5
    EXPECT_EQ(disk.medium[tty + 2], 1u);
    EXPECT_EQ(disk.medium[tty + 4], 0u);
}

TEST_F(Xv6FsTest, RemovedDirectoriesTakeNoFiles) {
    ASSERT_TRUE(fs->make_dir("d"));
    const Path gone = *look_up(fs->walk(), "d");
    ASSERT_TRUE(fs->remove_dir("d"));
    const Walk below{.place = *fs->place, .start = &gone, .who = fs->who};
    EXPECT_EQ(error_of(file::open(below, "f", open_write | open_create, 0644)), "not_found");
    EXPECT_EQ(error_of(make_directory(below, "f", 0755)), "not_found");
    EXPECT_EQ(error_of(make_link(*look_up(fs->walk(), "README"), below, "f")), "not_found");
}

TEST_F(Xv6FsTest, MappingsShareThePages) {
    const auto found = look_up(fs->walk(), "README");
    auto object = found->inode().memory_object();
    ASSERT_TRUE(object);
    const PhysAddr frame = *object->page(0, true);
    std::memcpy(arch::phys_to_virt<char>(frame), "XV6", 3);
    EXPECT_EQ(fs->read_file("README"), "XV6 is a re-implementation\n");
    EXPECT_EQ(fs->write_file("README", "[more]", open_append), 6u);
    EXPECT_EQ(std::string(arch::phys_to_virt<char>(frame) + 21, 12), "ation\n[more]");
    EXPECT_FALSE(object->page(1, false));
    ASSERT_TRUE(fs->sync());
    EXPECT_EQ(xv6image::tree(disk.medium)["/README"].contents, "XV6 is a re-implementation\n[more]");
    std::memcpy(arch::phys_to_virt<char>(*object->page(0, true)), "Xv8", 3);
    object.reset(); // the last mapping goes
    ASSERT_TRUE(fs->sync());
    EXPECT_EQ(xv6image::tree(disk.medium)["/README"].contents, "Xv8 is a re-implementation\n[more]");
}

TEST_F(Xv6FsTest, SyncOfAMappingReachesTheDisk) {
    auto object = look_up(fs->walk(), "README")->inode().memory_object();
    const memory::FrameView frame(*object->page(0, true));
    std::memcpy(frame.data(), "XV6", 3);
    ASSERT_TRUE(object->sync());
    EXPECT_EQ(xv6image::tree(disk.medium)["/README"].contents.substr(0, 6), "XV6 is");
}

TEST_F(Xv6FsTest, AMountedDiskIsNobodyElses) {
    using device::DiskClaim;
    EXPECT_EQ(error_of(open_xv6fs(disk)), "busy");
    EXPECT_EQ(error_of(DiskClaim::make(disk, DiskClaim::Kind::writer)), "busy");
    fs.reset();
    {
        const auto one = DiskClaim::make(disk, DiskClaim::Kind::writer);
        const auto other = DiskClaim::make(disk, DiskClaim::Kind::writer);
        EXPECT_TRUE(one && other);
        EXPECT_EQ(error_of(open_xv6fs(disk)), "busy");
    }
    EXPECT_TRUE(open_xv6fs(disk));
}

TEST_F(Xv6FsTest, CachedContentsAreNotReadAgain) {
    const auto opened = fs->open("big", open_read);
    std::vector<std::byte> text(40000);
    Sink first{std::span(text)};
    EXPECT_EQ((*opened)->read_at(0, first), 40000u);
    const unsigned before = disk.reads;
    Sink second{std::span(text)};
    EXPECT_EQ((*opened)->read_at(0, second), 40000u);
    EXPECT_EQ(disk.reads, before);
}

TEST_F(Xv6FsTest, ManyOperationsShareACommit) {
    disk.recording = true;
    for (int i = 0; i < 5; ++i)
        ASSERT_TRUE(fs->write_file("f" + std::to_string(i), "text"));
    EXPECT_EQ(disk.history.size(), 0u);
    ASSERT_TRUE(fs->sync());
    // The inodes and the root lie in one block each: 5 files' data, bitmap, inodes, root; twice, and two headers.
    EXPECT_LE(disk.history.size(), 2u * 9 + 2);
}

// A disk that lies

TEST_F(Xv6FsTest, DirectoriesThatLeadInACircleAreErrors) {
    ASSERT_TRUE(fs->make_dir("a"));
    ASSERT_TRUE(fs->make_dir("a/b"));
    ASSERT_TRUE(fs->write_file("a/b/file", "text"));
    ASSERT_TRUE(fs->sync());
    const auto number = [&](const char* path) { return xv6image::tree(disk.medium)[path].inode; };
    const std::uint32_t a = number("/a"), b = number("/a/b");
    fs.reset();
    const xv6image::Image sound = disk.medium;
    // The block of a/b: it begins with its own entry and that of its parent.
    xv6fs::DiskEntry self{}, parent{};
    self.set(".", static_cast<std::uint16_t>(b));
    parent.set("..", static_cast<std::uint16_t>(a));
    std::size_t block = 46 * xv6fs::block_bytes; // the first of the data: the log has copies
    const auto entry = [&](std::size_t index) {
        return reinterpret_cast<xv6fs::DiskEntry*>(&disk.medium[block]) + index;
    };
    while (std::memcmp(entry(0), &self, sizeof self) != 0 || std::memcmp(entry(1), &parent, sizeof parent) != 0)
        block += xv6fs::block_bytes;

    entry(3)->set("up", static_cast<std::uint16_t>(a)); // a/b/up is a
    reinterpret_cast<xv6fs::DiskInode*>(&disk.medium[32 * xv6fs::block_bytes])[b].size = 4 * sizeof(xv6fs::DiskEntry);
    mount();
    EXPECT_EQ(error_of(look_up(fs->walk(), "a/b/up")), "io");
    EXPECT_EQ(error_of(fs->names("a/b/up/b")), "io");
    EXPECT_EQ(fs->read_file("a/b/file"), "text");
    EXPECT_EQ(error_of(fs->rename("a", "a/b/c")), "invalid_argument");

    fs.reset();
    disk.medium = sound;
    entry(1)->inode = static_cast<std::uint16_t>(b); // a/b says that it lies in itself
    mount();
    EXPECT_EQ(error_of(fs->names("a/b")), "io");
    EXPECT_EQ(fs->read_file("README"), "xv6 is a re-implementation\n");

    fs.reset();
    disk.medium = sound;
    mount();
}

// A disk that fails

TEST_F(Xv6FsTest, FailedReadsAreErrorsAndPass) {
    const auto names = fs->names("/");
    disk.reads_until_failure = 0;
    EXPECT_EQ(error_of(fs->read_file("big")), "io");
    EXPECT_EQ(fs->names("/"), names); // what is in the cache
    disk.reads_until_failure = -1;
    EXPECT_EQ(fs->read_file("big"), pattern(40000));
}

TEST_F(Xv6FsTest, FailedCommitsAreTriedAgain) {
    for (int step = 0; step < 40; ++step) {
        const std::string name = "s" + std::to_string(step);
        ASSERT_TRUE(fs->write_file(name, "kept"));
        disk.writes_until_failure = step;
        if (!fs->sync()) {
            EXPECT_EQ(error_of(fs->write_file("other", "x")), "io"); // nothing more until the disk has taken it
            EXPECT_EQ(fs->read_file(name), "kept");
        }
        disk.writes_until_failure = -1;
        ASSERT_TRUE(fs->sync());
        EXPECT_EQ(judge(disk.medium), "");
        EXPECT_EQ(xv6image::tree(disk.medium).at("/" + name).contents, "kept");
    }
}

TEST_F(Xv6FsTest, ReadOnlyDisksAreRead) {
    disk.read_only = true;
    mount();
    EXPECT_EQ(fs->read_file("big"), pattern(40000));
    EXPECT_EQ(error_of(fs->write_file("f", "x")), "read_only");
    EXPECT_EQ(error_of(fs->unlink("big")), "read_only");
    EXPECT_EQ(error_of(fs->make_dir("d")), "read_only");
    EXPECT_TRUE(fs->sync());
    disk.read_only = false;
}

TEST_F(Xv6FsTest, ReadOnlyDisksAreReadThroughTheirLog) {
    disk.recording = true;
    ASSERT_TRUE(fs->write_file("README", "newer"));
    disk.medium = xv6image::make({}, {{"README", "xv6 is a re-implementation\n"}, {"big", pattern(40000)}});
    disk.history.clear();
    ASSERT_TRUE(fs->sync());
    // Cut right behind the header that commits.
    std::vector<std::uint8_t> cut =
        xv6image::make({}, {{"README", "xv6 is a re-implementation\n"}, {"big", pattern(40000)}});
    for (const auto& write : disk.history) {
        std::memcpy(&cut[write.block * 1024], write.contents.data(), 1024);
        if (write.block == 2)
            break;
    }
    const std::vector<std::uint8_t> before = cut;
    fake::Disk locked(cut);
    locked.read_only = true;
    MountedDisk again(locked);
    ASSERT_TRUE(again.outcome);
    EXPECT_EQ(again.read_file("README"), "newer");
    EXPECT_EQ(locked.medium, before);
}

} // namespace
} // namespace file

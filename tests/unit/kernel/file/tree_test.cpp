// Paths and names: look-up, creation, links, renaming, permissions.

#include "kernel/file/tree_fixture.hpp"

namespace file {
namespace {

TEST_F(FileTreeTest, FindsNamesAndDots) {
    ASSERT_TRUE(make_directory(walk(), "a", 0777));
    ASSERT_TRUE(make_directory(walk(), "/a/b", 0777));
    write_file("a/b/c", "text");
    EXPECT_EQ(name_of(*find("/a/./b/../b//c")), "/a/b/c");
    EXPECT_EQ(name_of(*find("a/b/..")), "/a");
    EXPECT_EQ(name_of(*find("/../..")), "/");
    EXPECT_EQ(read_file("a/b/c"), "text");
}

TEST_F(FileTreeTest, SaysWhatIsWrongWithAPath) {
    write_file("file", "");
    EXPECT_EQ(look_up_error(""), Error::not_found);
    EXPECT_EQ(look_up_error("nothing"), Error::not_found);
    EXPECT_EQ(look_up_error("nothing/below"), Error::not_found);
    EXPECT_EQ(look_up_error("file/below"), Error::not_directory);
    EXPECT_EQ(look_up_error("file/"), Error::not_directory);
    EXPECT_EQ(look_up_error("file/."), Error::not_directory);
    EXPECT_EQ(look_up_error(std::string(256, 'x')), Error::name_too_long);
    EXPECT_EQ(look_up_error(std::string(255, 'x')), Error::not_found);
    EXPECT_EQ(look_up_error(std::string(4096, '/')), Error::name_too_long);
}

TEST_F(FileTreeTest, FollowsLinks) {
    ASSERT_TRUE(make_directory(walk(), "d", 0777));
    write_file("d/file", "1");
    ASSERT_TRUE(make_symlink(walk(), "d", "to-d"));
    ASSERT_TRUE(make_symlink(walk(), "../d/file", "d/up"));
    ASSERT_TRUE(make_symlink(walk(), "/to-d/up", "all"));
    EXPECT_EQ(name_of(*find("to-d/up")), "/d/file");
    EXPECT_EQ(name_of(*find("all")), "/d/file");
    EXPECT_EQ(name_of(*find("all", false)), "/all");
    EXPECT_EQ(name_of(*find("to-d/", false)), "/d");
    EXPECT_EQ(look_up_error("all/"), Error::not_directory);
}

TEST_F(FileTreeTest, LimitsLinks) {
    ASSERT_TRUE(make_symlink(walk(), "loop", "loop"));
    EXPECT_EQ(look_up_error("loop"), Error::too_many_links);
    EXPECT_TRUE(find("loop", false));
    write_file("l0", "end");
    for (int i = 1; i <= 41; ++i)
        ASSERT_TRUE(make_symlink(walk(), "l" + std::to_string(i - 1), "l" + std::to_string(i)));
    EXPECT_TRUE(find("l40"));
    EXPECT_EQ(look_up_error("l41"), Error::too_many_links);
    EXPECT_EQ(error_of(open(walk(), "loop", open_read | open_no_follow, 0)), Error::too_many_links);
}

TEST_F(FileTreeTest, CreatesThroughDanglingLinks) {
    ASSERT_TRUE(make_symlink(walk(), "made", "link"));
    EXPECT_EQ(error_of(open(walk(), "link", open_write | open_create | open_exclusive, 0644)), Error::exists);
    write_file("link", "x");
    EXPECT_EQ(read_file("made"), "x");
    EXPECT_EQ(error_of(open(walk(), "made", open_write | open_create | open_exclusive, 0644)), Error::exists);
    EXPECT_EQ(error_of(open(walk(), "new/", open_write | open_create, 0644)), Error::is_directory);
    EXPECT_EQ(error_of(open(walk(), "/", open_write | open_create, 0644)), Error::is_directory);
    EXPECT_EQ(error_of(open(walk(), ".", open_write, 0)), Error::is_directory);
}

TEST_F(FileTreeTest, CutsModesByTheUmask) {
    (void)open_file("f", open_write | open_create, 0666);
    EXPECT_EQ(find("f")->inode().attributes().mode, 0644);
    place->set_umask(077);
    ASSERT_TRUE(make_directory(walk(), "d", 01777));
    EXPECT_EQ(find("d")->inode().attributes().mode, 01700);
}

TEST_F(FileTreeTest, CountsLinks) {
    write_file("f", "");
    ASSERT_TRUE(make_link(*find("f"), walk(), "g"));
    EXPECT_EQ(find("f")->inode().links(), 2u);
    EXPECT_EQ(&find("f")->inode(), &find("g")->inode());
    ASSERT_TRUE(unlink(walk(), "f"));
    EXPECT_EQ(find("g")->inode().links(), 1u);
    ASSERT_TRUE(make_directory(walk(), "d", 0755));
    ASSERT_TRUE(make_directory(walk(), "d/e", 0755));
    EXPECT_EQ(find("d")->inode().links(), 3u);
    EXPECT_EQ(error_of(make_link(*find("d"), walk(), "h")), Error::not_permitted);
    ASSERT_TRUE(remove_directory(walk(), "d/e"));
    EXPECT_EQ(find("d")->inode().links(), 2u);
}

TEST_F(FileTreeTest, KeepsUnlinkedFilesWhileTheyAreOpen) {
    write_file("f", "still here");
    auto opened = open_file("f", open_read);
    ASSERT_TRUE(unlink(walk(), "f"));
    EXPECT_EQ(look_up_error("f"), Error::not_found);
    EXPECT_EQ(read_all(*opened), "still here");
    EXPECT_TRUE(is_deleted(opened->path));
    EXPECT_EQ(error_of(make_link(opened->path, walk(), "again")), Error::not_found);
}

TEST_F(FileTreeTest, RemovesOnlyWhatMayGo) {
    ASSERT_TRUE(make_directory(walk(), "d", 0755));
    write_file("d/f", "");
    EXPECT_EQ(error_of(remove_directory(walk(), "d")), Error::not_empty);
    EXPECT_EQ(error_of(remove_directory(walk(), "d/f")), Error::not_directory);
    EXPECT_EQ(error_of(remove_directory(walk(), "d/.")), Error::invalid_argument);
    EXPECT_EQ(error_of(remove_directory(walk(), "d/..")), Error::not_empty);
    EXPECT_EQ(error_of(remove_directory(walk(), "/")), Error::busy);
    EXPECT_EQ(error_of(unlink(walk(), "d")), Error::is_directory);
    EXPECT_EQ(error_of(unlink(walk(), "d/f/")), Error::not_directory);
    EXPECT_EQ(error_of(unlink(walk(), "d/g")), Error::not_found);
}

TEST_F(FileTreeTest, NothingIsMadeInARemovedDirectory) {
    ASSERT_TRUE(make_directory(walk(), "d", 0755));
    place->set_current(*find("d"));
    ASSERT_TRUE(remove_directory(walk(), "/d"));
    EXPECT_EQ(error_of(make_directory(walk(), "e", 0755)), Error::not_found);
    EXPECT_EQ(error_of(open(walk(), "f", open_write | open_create, 0644)), Error::not_found);
    EXPECT_EQ(name_of(*find("..")), "/");
}

TEST_F(FileTreeTest, FreesDeepChainsWithoutRecursion) {
    constexpr int depth = 20000;
    Path deepest = root();
    for (int i = 0; i < depth; ++i) {
        Walk at{.place = *place, .start = &deepest, .who = who};
        ASSERT_TRUE(make_directory(at, "d", 0755));
        deepest = *look_up(at, "d");
    }
    // From the bottom up, while somebody stands in the deepest.
    Path at = deepest;
    for (int i = 0; i < depth; ++i) {
        Walk in{.place = *place, .start = &at, .who = who};
        Path up = *look_up(in, "..");
        Walk above{.place = *place, .start = &up, .who = who};
        ASSERT_TRUE(remove_directory(above, "d"));
        at = up;
    }
    deepest = {};
    EXPECT_TRUE(names("/").size() == 2);
}

// Renaming

TEST_F(FileTreeTest, RenamesOverFiles) {
    write_file("a", "a");
    write_file("b", "b");
    ASSERT_TRUE(rename(walk(), "a", walk(), "b", RenameMode::replace));
    EXPECT_EQ(read_file("b"), "a");
    EXPECT_EQ(look_up_error("a"), Error::not_found);
    write_file("c", "c");
    EXPECT_EQ(error_of(rename(walk(), "b", walk(), "c", RenameMode::no_replace)), Error::exists);
    ASSERT_TRUE(rename(walk(), "b", walk(), "c", RenameMode::exchange));
    EXPECT_EQ(read_file("b"), "c");
    EXPECT_EQ(read_file("c"), "a");
    EXPECT_EQ(error_of(rename(walk(), "b", walk(), "x", RenameMode::exchange)), Error::not_found);
}

TEST_F(FileTreeTest, RenamingTwoNamesOfOneFileDoesNothing) {
    write_file("a", "a");
    ASSERT_TRUE(make_link(*find("a"), walk(), "b"));
    ASSERT_TRUE(rename(walk(), "a", walk(), "b", RenameMode::replace));
    EXPECT_TRUE(find("a"));
    EXPECT_TRUE(find("b"));
}

TEST_F(FileTreeTest, RenamesDirectories) {
    ASSERT_TRUE(make_directory(walk(), "a", 0755));
    ASSERT_TRUE(make_directory(walk(), "a/b", 0755));
    ASSERT_TRUE(make_directory(walk(), "c", 0755));
    write_file("c/f", "");
    write_file("f", "");
    EXPECT_EQ(error_of(rename(walk(), "a", walk(), "a/b/x", RenameMode::replace)), Error::invalid_argument);
    EXPECT_EQ(error_of(rename(walk(), "a/b", walk(), "a", RenameMode::replace)), Error::not_empty);
    EXPECT_EQ(error_of(rename(walk(), "a", walk(), "c", RenameMode::replace)), Error::not_empty);
    EXPECT_EQ(error_of(rename(walk(), "a", walk(), "f", RenameMode::replace)), Error::not_directory);
    EXPECT_EQ(error_of(rename(walk(), "f", walk(), "a", RenameMode::replace)), Error::is_directory);
    EXPECT_EQ(error_of(rename(walk(), "f", walk(), "g/", RenameMode::replace)), Error::not_directory);
    EXPECT_EQ(error_of(rename(walk(), "a/.", walk(), "g", RenameMode::replace)), Error::busy);
    ASSERT_TRUE(rename(walk(), "a/b", walk(), "c/b", RenameMode::replace));
    EXPECT_EQ(name_of(*find("c/b")), "/c/b");
    EXPECT_EQ(name_of(*find("c/b/..")), "/c");
    EXPECT_EQ(find("a")->inode().links(), 2u);
    EXPECT_EQ(find("c")->inode().links(), 3u);
    ASSERT_TRUE(rename(walk(), "c/b", walk(), "a/", RenameMode::replace)); // over an empty one
    EXPECT_EQ(names("/").size(), 5u);                                      // ., .., c, f, a
}

TEST_F(FileTreeTest, ListsWhileEntriesGo) {
    for (int i = 0; i < 20; ++i)
        write_file("f" + std::to_string(i), "");
    auto opened = open_file("/", open_read | open_directory);
    DirectoryItem item;
    int seen = 0;
    while (*opened->read_directory(item)) {
        if (item.name[0] == '.')
            continue;
        ++seen;
        ASSERT_TRUE(unlink(walk(), item.text()));
    }
    EXPECT_EQ(seen, 20);
    EXPECT_EQ(names("/").size(), 2u);
}

// Permissions

TEST_F(FileTreeTest, ChecksPermissions) {
    ASSERT_TRUE(make_directory(walk(), "closed", 0700));
    write_file("closed/f", "");
    write_file("readable", "");
    ASSERT_TRUE(make_directory(walk(), "sticky", 0777));
    ASSERT_TRUE(change_mode(*find("sticky"), 01777, who));
    write_file("sticky/roots", "");
    who.user = who.group = 1000;
    EXPECT_EQ(look_up_error("closed/f"), Error::access_denied);
    EXPECT_TRUE(open(walk(), "readable", open_read, 0));
    EXPECT_EQ(error_of(open(walk(), "readable", open_write, 0)), Error::access_denied);
    EXPECT_EQ(error_of(make_directory(walk(), "mine", 0755)), Error::access_denied);
    EXPECT_EQ(error_of(unlink(walk(), "sticky/roots")), Error::not_permitted);
    write_file("sticky/mine", "");
    EXPECT_EQ(error_of(change_owner(*find("sticky/mine"), 0, ~0u, who)), Error::not_permitted);
    EXPECT_EQ(error_of(change_mode(*find("readable"), 0777, who)), Error::not_permitted);
    EXPECT_TRUE(change_mode(*find("sticky/mine"), 0600, who));
    EXPECT_TRUE(unlink(walk(), "sticky/mine"));
    EXPECT_EQ(error_of(make_node(walk(), "sticky/dev", Type::character_device, 0666, {1, 3})), Error::not_permitted);
}

TEST_F(FileTreeTest, ReadOnlyMountsStayAsTheyAre) {
    write_file("f", "x");
    mounted->flags = mount_read_only;
    EXPECT_EQ(error_of(open(walk(), "f", open_write, 0)), Error::read_only);
    EXPECT_EQ(error_of(make_directory(walk(), "d", 0755)), Error::read_only);
    EXPECT_EQ(error_of(unlink(walk(), "f")), Error::read_only);
    EXPECT_EQ(error_of(change_mode(*find("f"), 0600, who)), Error::read_only);
    EXPECT_EQ(error_of(check_access(*find("f"), may_write, who)), Error::read_only);
    EXPECT_EQ(read_file("f"), "x");
}

TEST_F(FileTreeTest, RunningProgramsAreNotWritten) {
    write_file("program", "x");
    Inode& inode = find("program")->inode();
    ASSERT_TRUE(inode.begin_execution());
    EXPECT_EQ(error_of(open(walk(), "program", open_write, 0)), Error::text_busy);
    EXPECT_EQ(error_of(truncate(*find("program"), 0, who)), Error::text_busy);
    inode.end_execution();
    auto opened = open_file("program", open_write);
    EXPECT_EQ(error_of(inode.begin_execution()), Error::text_busy);
}

} // namespace
} // namespace file

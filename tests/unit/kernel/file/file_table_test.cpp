// Descriptors, and locks on files.

#include "file/pipe.hpp"
#include "file/record_lock.hpp"
#include "kernel/file/tree_fixture.hpp"

namespace file {
namespace {

using FileTableTest = FileTreeTest;

TEST_F(FileTableTest, GivesTheLowestDescriptor) {
    auto table = *FileTable::create();
    auto opened = open_file("f", open_write | open_create);
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(table->add(opened, false, 1024), i);
    ASSERT_TRUE(table->close(3));
    ASSERT_TRUE(table->close(70));
    EXPECT_EQ(table->add(opened, false, 1024), 3);
    EXPECT_EQ(table->add(opened, false, 1024), 70);
    EXPECT_EQ(table->add(opened, false, 1024, 200), 200);
    EXPECT_EQ(table->add(opened, false, 1024), 100);
    EXPECT_EQ(error_of(table->add(opened, false, 50)), Error::too_many_open_files);
    EXPECT_EQ(error_of(table->add(opened, false, 50, 50)), Error::invalid_argument);
}

TEST_F(FileTableTest, RefusesWhatIsNotOpen) {
    auto table = *FileTable::create();
    for (std::int32_t descriptor : {0, -1, 31, 32, INT32_MAX, INT32_MIN}) {
        EXPECT_EQ(error_of(table->get(descriptor)), Error::bad_descriptor);
        EXPECT_EQ(error_of(table->close(descriptor)), Error::bad_descriptor);
    }
    EXPECT_EQ(error_of(table->replace(-1, {}, false, 1024)), Error::bad_descriptor);
    EXPECT_EQ(error_of(table->replace(1024, {}, false, 1024)), Error::bad_descriptor);
}

TEST_F(FileTableTest, ClosesAtExec) {
    auto table = *FileTable::create();
    auto opened = open_file("f", open_write | open_create);
    (void)table->add(opened, false, 1024);
    (void)table->add(opened, true, 1024);
    ASSERT_TRUE(table->replace(40, opened, true, 1024));
    auto copy = *table->clone();
    table->close_on_exec();
    EXPECT_TRUE(table->get(0));
    EXPECT_FALSE(table->get(1));
    EXPECT_FALSE(table->get(40));
    EXPECT_TRUE(copy->get(40));
    copy->close_range(1, 39, false);
    EXPECT_EQ(copy->next_open(1), 40);
    copy->close_all();
    EXPECT_EQ(copy->next_open(0), -1);
    EXPECT_EQ(opened->reference_count(), 2u);
}

TEST_F(FileTableTest, RecordLocksStandAgainstOthers) {
    auto opened = open_file("f", open_read | open_write | open_create);
    Inode& inode = *opened->inode();
    LockOwner one{1, nullptr}, two{2, nullptr};
    ASSERT_TRUE(set_lock(inode, one, LockKind::exclusive, {10, 20}, false));
    ASSERT_TRUE(set_lock(inode, one, LockKind::exclusive, {15, 30}, false)); // one's own do not matter
    EXPECT_EQ(error_of(set_lock(inode, two, LockKind::shared, {25, 26}, false)), Error::would_block);
    EXPECT_TRUE(set_lock(inode, two, LockKind::shared, {30, 40}, false));
    auto found = find_conflict(inode, two, LockKind::exclusive, {0, INT64_MAX});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->owner.process, 1);
    // A hole in the middle leaves two.
    ASSERT_TRUE(set_lock(inode, one, LockKind::none, {12, 14}, false));
    EXPECT_TRUE(set_lock(inode, two, LockKind::exclusive, {12, 14}, false));
    EXPECT_EQ(error_of(set_lock(inode, two, LockKind::exclusive, {11, 12}, false)), Error::would_block);
    EXPECT_EQ(error_of(set_lock(inode, two, LockKind::exclusive, {14, 15}, false)), Error::would_block);
    drop_process_locks(inode, 1);
    EXPECT_TRUE(set_lock(inode, two, LockKind::exclusive, {0, INT64_MAX}, false));
    drop_process_locks(inode, 2);
}

TEST_F(FileTableTest, WholeLocksBelongToTheDescription) {
    auto first = open_file("f", open_read | open_write | open_create);
    auto second = open_file("f", open_read);
    Inode& inode = *first->inode();
    ASSERT_TRUE(set_whole_lock(inode, *first, LockKind::shared, false));
    ASSERT_TRUE(set_whole_lock(inode, *second, LockKind::shared, false));
    EXPECT_EQ(error_of(set_whole_lock(inode, *first, LockKind::exclusive, false)), Error::would_block);
    second = {};
    EXPECT_TRUE(set_whole_lock(inode, *first, LockKind::exclusive, false));
}

} // namespace
} // namespace file

// Archives: what is in them, and what must not be believed.

#include "file/cpio.hpp"

#include "file/unpack.hpp"
#include "kernel/file/tree_fixture.hpp"

#include <cstdio>

namespace file {
namespace {

struct Member {
    std::string name;
    std::uint32_t mode;
    std::string data = {};
    std::uint32_t number = 0;
    std::uint32_t links = 1;
};

std::string archive_of(const std::vector<Member>& members) {
    std::string archive;
    auto add = [&](const Member& member) {
        char header[111];
        std::snprintf(
            header, sizeof header, "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", member.number,
            member.mode, 0u, 0u, member.links, 5u, member.data.size(), 0u, 0u, 1u, 3u, member.name.size() + 1, 0u);
        archive += header;
        archive += member.name;
        archive += '\0';
        archive.resize((archive.size() + 3) / 4 * 4);
        archive += member.data;
        archive.resize((archive.size() + 3) / 4 * 4);
    };
    for (const Member& member : members)
        add(member);
    add({"TRAILER!!!", 0});
    return archive;
}

class CpioTest : public FileTreeTest {
protected:
    Result<> unpack(const std::string& archive) {
        return unpack_cpio(std::as_bytes(std::span(archive)), root(), false);
    }
};

TEST_F(CpioTest, UnpacksAllKinds) {
    ASSERT_TRUE(unpack(archive_of({
        {".", 0040755},
        {"bin", 0040755},
        {"bin/program", 0104755, "text"},
        {"bin/link", 0120777, "program"},
        {"dev", 0040755},
        {"dev/null", 0020666},
        {"dev/pipe", 0010600},
    })));
    EXPECT_EQ(read_file("bin/link"), "text");
    EXPECT_EQ(find("bin/program")->inode().attributes().mode, 04755);
    EXPECT_EQ(find("bin/program")->inode().attributes().modified, 5'000'000'000);
    EXPECT_EQ(find("dev/null")->inode().attributes().device, (DeviceNumber{1, 3}));
    EXPECT_EQ(find("dev/pipe")->inode().type(), Type::fifo);
}

TEST_F(CpioTest, UnpacksHardLinks) {
    ASSERT_TRUE(unpack(archive_of({{"a", 0100644, "", 9, 2}, {"b", 0100644, "shared", 9, 2}})));
    EXPECT_EQ(read_file("a"), "shared");
    EXPECT_EQ(&find("a")->inode(), &find("b")->inode());
}

TEST_F(CpioTest, LaterArchivesReplaceFiles) {
    std::string both = archive_of({{"f", 0100644, "old"}}) + std::string(512, '\0');
    both += archive_of({{"f", 0100600, "new"}, {"deep/er/file", 0100644, "x"}});
    ASSERT_TRUE(unpack(both));
    EXPECT_EQ(read_file("f"), "new");
    EXPECT_EQ(read_file("deep/er/file"), "x");
}

TEST_F(CpioTest, RefusesBrokenArchives) {
    std::string good = archive_of({{"file", 0100644, std::string(100, 'x')}});
    EXPECT_EQ(
        error_of(unpack("not an archive, but long enough to be a header" + std::string(100, '.'))),
        Error::bad_executable);
    EXPECT_EQ(error_of(unpack(good.substr(0, 60))), Error::bad_executable);
    EXPECT_EQ(error_of(unpack(good.substr(0, 150))), Error::bad_executable);
    EXPECT_EQ(error_of(unpack(archive_of({{"../up", 0100644, "x"}}))), Error::bad_executable);
    EXPECT_EQ(error_of(unpack(archive_of({{"a/../../up", 0100644, "x"}}))), Error::bad_executable);
    EXPECT_EQ(error_of(unpack(archive_of({{"odd", 0170644, "x"}}))), Error::bad_executable);
    std::string bad_digit = good;
    bad_digit[20] = 'z';
    EXPECT_EQ(error_of(unpack(bad_digit)), Error::bad_executable);
    std::string huge = good;
    huge.replace(6 + 6 * 8, 8, "ffffffff");
    EXPECT_EQ(error_of(unpack(huge)), Error::bad_executable);
    EXPECT_TRUE(unpack(""));
}

TEST_F(CpioTest, StopsWhenTheFileSystemIsFull) {
    EXPECT_EQ(error_of(unpack(archive_of({{"big", 0100644, std::string(1025 * page_size, 'x')}}))), Error::no_space);
}

} // namespace
} // namespace file

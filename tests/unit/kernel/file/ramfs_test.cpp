// Contents of files in memory.

#include "kernel/file/tree_fixture.hpp"
#include "memory/frame.hpp"

namespace file {
namespace {

using RamfsTest = FileTreeTest;

std::size_t put(OpenFile& opened, std::int64_t offset, std::string_view text) {
    Source source(std::as_bytes(std::span(text)));
    return opened.write_at(offset, source).value_or(0);
}

std::string get(OpenFile& opened, std::int64_t offset, std::size_t bytes) {
    std::string text(bytes, '?');
    Sink sink(std::as_writable_bytes(std::span(text)));
    text.resize(opened.read_at(offset, sink).value_or(0));
    return text;
}

TEST_F(RamfsTest, HolesReadAsZerosAndTakeNoFrames) {
    auto opened = open_file("f", open_read | open_write | open_create);
    constexpr std::int64_t far = 1 << 30;
    std::uint64_t before = memory::free_frame_count();
    EXPECT_EQ(put(*opened, far, "end"), 3u);
    EXPECT_LE(before - memory::free_frame_count(), 8u);
    EXPECT_EQ(opened->attributes().size, far + 3u);
    EXPECT_EQ(opened->attributes().blocks, 8u);
    EXPECT_EQ(get(*opened, 5000, 4), std::string(4, '\0'));
    EXPECT_EQ(opened->seek(0, Whence::data), static_cast<std::uint64_t>(far));
    EXPECT_EQ(opened->seek(10, Whence::hole), 10u);
    EXPECT_EQ(error_of(opened->seek(far + 3, Whence::data)), Error::out_of_range);
}

TEST_F(RamfsTest, CuttingAndGrowingShowsZeros) {
    auto opened = open_file("f", open_read | open_write | open_create);
    put(*opened, 0, std::string(10000, 'x'));
    ASSERT_TRUE(truncate(*opened, 5000));
    ASSERT_TRUE(truncate(*opened, 10000));
    EXPECT_EQ(get(*opened, 4999, 3), std::string("x\0\0", 3));
    EXPECT_EQ(get(*opened, 9000, 100), std::string(100, '\0'));
    ASSERT_TRUE(truncate(*opened, 0));
    EXPECT_EQ(opened->attributes().blocks, 0u);
}

TEST_F(RamfsTest, AppendsAtTheEnd) {
    write_file("f", "one");
    auto first = open_file("f", open_write | open_append);
    auto second = open_file("f", open_write | open_append);
    for (OpenFile* opened : {first.get(), second.get(), first.get()}) {
        Source source(std::as_bytes(std::span(std::string_view("+"))));
        EXPECT_EQ(opened->write(source), 1u);
    }
    EXPECT_EQ(read_file("f"), "one+++");
}

TEST_F(RamfsTest, PunchesHoles) {
    auto opened = open_file("f", open_read | open_write | open_create);
    put(*opened, 0, std::string(5 * page_size, 'x'));
    ASSERT_TRUE(opened->inode()->punch_hole(page_size / 2, 3 * page_size));
    EXPECT_EQ(opened->attributes().size, 5 * page_size);
    EXPECT_EQ(opened->attributes().blocks, 3u * 8);
    EXPECT_EQ(get(*opened, page_size / 2 - 1, 2), std::string("x\0", 2));
    EXPECT_EQ(get(*opened, page_size / 2 + 3 * page_size - 1, 2), std::string("\0x", 2));
}

TEST_F(RamfsTest, StopsAtItsLimit) {
    auto opened = open_file("f", open_read | open_write | open_create);
    std::string megabyte(1 << 20, 'x');
    std::uint64_t written = 0;
    while (std::size_t n = put(*opened, static_cast<std::int64_t>(written), megabyte))
        written += n;
    EXPECT_EQ(written, 1024 * page_size);
    Source source(std::as_bytes(std::span(std::string_view("x"))));
    EXPECT_EQ(error_of(opened->write_at(static_cast<std::int64_t>(written), source)), Error::no_space);
    EXPECT_EQ(error_of(opened->inode()->allocate(0, 1ull << 40, false)), Error::no_space);
    ASSERT_TRUE(truncate(*opened, 0));
    EXPECT_EQ(file_system->usage().free_blocks, 1024u);
}

TEST_F(RamfsTest, RefusesImpossibleOffsets) {
    auto opened = open_file("f", open_read | open_write | open_create);
    EXPECT_EQ(error_of(opened->seek(-1, Whence::start)), Error::invalid_argument);
    EXPECT_EQ(opened->seek(INT64_MAX, Whence::start), static_cast<std::uint64_t>(INT64_MAX));
    EXPECT_EQ(error_of(opened->seek(1, Whence::current)), Error::overflow);
    Source source(std::as_bytes(std::span(std::string_view("x"))));
    EXPECT_EQ(error_of(opened->write(source)), Error::file_too_large);
    EXPECT_EQ(error_of(truncate(*opened, 1ull << 62)), Error::file_too_large);
    char byte;
    Sink sink(std::as_writable_bytes(std::span(&byte, 1)));
    EXPECT_EQ(opened->read(sink), 0u);
}

TEST_F(RamfsTest, GivesAllFramesBack) {
    std::uint64_t before = memory::free_frame_count();
    for (int i = 0; i < 3; ++i) {
        write_file("f", std::string(100000, 'x'));
        ASSERT_TRUE(unlink(walk(), "f"));
    }
    EXPECT_EQ(memory::free_frame_count(), before);
}

} // namespace
} // namespace file

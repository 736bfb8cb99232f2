// Pipes, and sets that watch them. The tests never block: one thread has both ends.

#include "file/pipe.hpp"

#include "file/event_counter.hpp"
#include "file/watch_set.hpp"
#include "kernel/file/tree_fixture.hpp"

namespace file {
namespace {

class PipeTest : public FileTreeTest {
protected:
    void SetUp() override {
        FileTreeTest::SetUp();
        PipeEnds ends = *create_pipe(open_nonblock);
        reader = std::move(ends.reader);
        writer = std::move(ends.writer);
    }
    Result<std::size_t> send(std::string_view text) {
        Source source(std::as_bytes(std::span(text)));
        return writer->write(source);
    }
    Result<std::size_t> send(std::size_t bytes) { return send(std::string(bytes, 'x')); }
    Result<std::size_t> receive(std::size_t bytes, std::string* text = nullptr) {
        std::string buffer(bytes, '?');
        Sink sink(std::as_writable_bytes(std::span(buffer)));
        auto got = reader->read(sink);
        if (got && text)
            *text = buffer.substr(0, *got);
        return got;
    }

    Ref<OpenFile> reader, writer;
};

TEST_F(PipeTest, KeepsTheOrder) {
    EXPECT_EQ(error_of(receive(1)), Error::would_block);
    EXPECT_EQ(send("hello "), 6u);
    EXPECT_EQ(send("world"), 5u);
    EXPECT_EQ(reader->readable_bytes(), 11u);
    std::string text;
    EXPECT_EQ(receive(8, &text), 8u);
    EXPECT_EQ(text, "hello wo");
    EXPECT_EQ(receive(100, &text), 3u);
    EXPECT_EQ(text, "rld");
}

TEST_F(PipeTest, WritesOfAPageAreWholeOrNot) {
    EXPECT_EQ(send(Pipe::default_capacity - 4095), Pipe::default_capacity - 4095);
    EXPECT_EQ(error_of(send(4096)), Error::would_block);
    EXPECT_EQ(send(4095), 4095u);
    EXPECT_EQ(error_of(send(1)), Error::would_block);
    EXPECT_EQ(receive(100), 100u);
    EXPECT_EQ(send(5000), 100u); // larger ones may be parted
}

TEST_F(PipeTest, EndsAreNoticed) {
    EXPECT_EQ(send("x"), 1u);
    writer = {};
    EXPECT_EQ(receive(10), 1u);
    EXPECT_EQ(receive(10), 0u);
    EXPECT_EQ(reader->poll(nullptr) & event_hang_up, event_hang_up);
}

TEST_F(PipeTest, WritingWithoutReadersFails) {
    reader = {};
    EXPECT_EQ(error_of(send("x")), Error::broken_pipe);
    EXPECT_EQ(writer->poll(nullptr) & event_error, event_error);
}

TEST_F(PipeTest, HasNoOffset) {
    EXPECT_EQ(error_of(reader->seek(0, Whence::start)), Error::not_seekable);
    char byte;
    Sink sink(std::as_writable_bytes(std::span(&byte, 1)));
    EXPECT_EQ(error_of(reader->read_at(0, sink)), Error::not_seekable);
    EXPECT_EQ(error_of(writer->read(sink)), Error::bad_descriptor);
}

TEST_F(PipeTest, CapacityChangesKeepTheBytes) {
    std::string sent;
    for (int i = 0; i < 3000; ++i)
        sent += std::to_string(i);
    ASSERT_EQ(send(sent), sent.size());
    std::string head;
    ASSERT_EQ(receive(5000, &head), 5000u);
    EXPECT_EQ(error_of(reader->pipe()->set_capacity(1)), Error::busy);
    EXPECT_EQ(reader->pipe()->set_capacity(20000), 32768u);
    std::string rest;
    ASSERT_EQ(receive(100000, &rest), sent.size() - 5000);
    EXPECT_EQ(head + rest, sent);
    EXPECT_EQ(error_of(reader->pipe()->set_capacity(2 << 20)), Error::not_permitted);
}

TEST_F(PipeTest, FifosJoinTheirOpeners) {
    ASSERT_TRUE(make_node(walk(), "fifo", Type::fifo, 0666, {}));
    EXPECT_EQ(error_of(open(walk(), "fifo", open_write | open_nonblock, 0)), Error::no_device);
    auto read_end = open_file("fifo", open_read | open_nonblock);
    auto write_end = open_file("fifo", open_write | open_nonblock);
    EXPECT_EQ(read_end->poll(nullptr) & event_hang_up, 0u);
    Source source(std::as_bytes(std::span(std::string_view("through"))));
    EXPECT_EQ(write_end->write(source), 7u);
    EXPECT_EQ(read_end->readable_bytes(), 7u);
    read_end = write_end = {};
    read_end = open_file("fifo", open_read | open_nonblock);
    EXPECT_EQ(read_end->readable_bytes(), 0u); // what nobody read is gone with the last opener
}

// Watching

TEST_F(PipeTest, WatchesReportWhatIsReady) {
    auto set = *WatchSet::create();
    ASSERT_TRUE(set->add(*reader, 3, {.events = event_readable, .data = 7}));
    EXPECT_EQ(error_of(set->add(*reader, 3, {})), Error::exists);
    Watch ready[4];
    EXPECT_EQ(set->wait(ready, 0), 0u);
    EXPECT_EQ(set->poll(nullptr), 0u);
    ASSERT_TRUE(send("x"));
    ASSERT_EQ(set->wait(ready, 0), 1u);
    EXPECT_EQ(ready[0].data, 7u);
    EXPECT_EQ(ready[0].events, event_readable);
    EXPECT_EQ(set->wait(ready, 0), 1u); // as long as it holds
    EXPECT_EQ(set->poll(nullptr), event_readable);
    ASSERT_TRUE(set->change(*reader, 3, {.events = event_readable, .edge = true, .data = 8}));
    EXPECT_EQ(set->wait(ready, 0), 1u);
    EXPECT_EQ(set->wait(ready, 0), 0u); // nothing new
    ASSERT_TRUE(send("y"));
    EXPECT_EQ(set->wait(ready, 0), 1u);
    ASSERT_TRUE(set->change(*reader, 3, {.events = event_readable, .one_shot = true}));
    EXPECT_EQ(set->wait(ready, 0), 1u);
    ASSERT_TRUE(send("z"));
    EXPECT_EQ(set->wait(ready, 0), 0u);
    ASSERT_TRUE(set->remove(*reader, 3));
    EXPECT_EQ(error_of(set->remove(*reader, 3)), Error::not_found);
}

TEST_F(PipeTest, WatchesGoWithTheirFile) {
    auto set = *WatchSet::create();
    ASSERT_TRUE(set->add(*reader, 3, {.events = event_readable}));
    ASSERT_TRUE(send("x"));
    reader = {};
    Watch ready[1];
    EXPECT_EQ(set->wait(ready, 0), 0u);
    ASSERT_TRUE(set->add(*writer, 4, {.events = event_writable}));
    set = {}; // and the set before its files
    EXPECT_EQ(writer->watches, nullptr);
}

TEST_F(PipeTest, WatchesDoNotRunInCircles) {
    auto a = *WatchSet::create();
    auto b = *WatchSet::create();
    ASSERT_TRUE(a->add(*b, 3, {.events = event_readable}));
    EXPECT_EQ(error_of(b->add(*a, 4, {.events = event_readable})), Error::too_many_links);
    EXPECT_EQ(error_of(a->add(*a, 5, {})), Error::invalid_argument);
    ASSERT_TRUE(b->add(*reader, 6, {.events = event_readable}));
    ASSERT_TRUE(send("x"));
    Watch ready[1];
    EXPECT_EQ(a->wait(ready, 0), 1u);
}

TEST_F(PipeTest, EventCountersAddUp) {
    auto counter = *create_event_counter(2, false, open_nonblock);
    std::uint64_t value = 3;
    Source source(std::as_bytes(std::span(&value, 1)));
    EXPECT_EQ(counter->write(source), 8u);
    Sink sink(std::as_writable_bytes(std::span(&value, 1)));
    EXPECT_EQ(counter->read(sink), 8u);
    EXPECT_EQ(value, 5u);
    Sink again(std::as_writable_bytes(std::span(&value, 1)));
    EXPECT_EQ(error_of(counter->read(again)), Error::would_block);
    value = ~std::uint64_t{0};
    Source too_much(std::as_bytes(std::span(&value, 1)));
    EXPECT_EQ(error_of(counter->write(too_much)), Error::invalid_argument);
}

} // namespace
} // namespace file

#include "trace/arguments.hpp"
#include "trace/call_names.hpp"
#include "trace/filter.hpp"
#include "trace/printer.hpp"
#include "trace/record.hpp"

#include "failure.hpp"

#include <gtest/gtest.h>

namespace {

using namespace host;
using namespace host::trace;

/// A record as the kernel writes it.
std::string record(
    Record::Kind kind, unsigned number, unsigned thread, const std::vector<std::uint64_t>& words,
    const std::vector<Item>& items = {}, std::uint8_t flags = 0) {
    std::string body;
    const auto put = [&](const auto& value) { body.append(reinterpret_cast<const char*>(&value), sizeof value); };
    put(static_cast<std::uint8_t>(kind));
    put(flags);
    put(static_cast<std::uint8_t>(items.size()));
    put(static_cast<std::uint8_t>(words.size()));
    put(std::uint32_t{number});
    put(std::uint32_t{thread});
    put(std::uint32_t{thread});
    put(std::uint32_t{0});
    put(std::uint64_t{1000});
    body.append("linux\0\0\0", 8);
    for (const std::uint64_t word : words) {
        put(word);
    }
    for (const Item& item : items) {
        put(static_cast<std::uint8_t>(item.argument));
        put(static_cast<std::uint8_t>(item.content));
        put(static_cast<std::uint16_t>(item.bytes.size()));
        body += item.bytes;
    }
    const auto size = static_cast<std::uint32_t>(body.size() + 4);
    return std::string(reinterpret_cast<const char*>(&size), 4) + body;
}

Tables small_tables() {
    using enum ArgumentKind;
    CallTable table{.personality = "linux", .rows = {}, .names = {{198, "socket"}}};
    table.rows = {
        {.number = 56,
         .name = "openat",
         .arguments = 4,
         .kinds = {descriptor, string, flags, mode},
         .sizes = {0, 0, 0, 0}},
        {.number = 63, .name = "read", .arguments = 2, .kinds = {descriptor, buffer_out}, .sizes = {0, 1}},
        {.number = 64, .name = "write", .arguments = 2, .kinds = {descriptor, buffer_in}, .sizes = {0, 1}},
        {.number = 94, .name = "exit_group", .arguments = 1, .kinds = {signed_integer}, .sizes = {0}}};
    return Tables({table});
}

std::string
print_all(const std::vector<std::string>& records, PrintOptions options = {}, std::string_view set = "all") {
    const Tables tables = small_tables();
    Printer printer(options, tables, Filter(set, tables));
    Reader reader;
    std::string text;
    for (const std::string& bytes : records) {
        reader.feed(bytes, [&](const Record& one) { text += printer.print(one); });
    }
    return text + printer.finish({.kind = Outcome::Kind::exited, .number = 0, .message = {}});
}

/// A call and its result as a line has them.
std::string line(std::string left, const std::string& result) {
    left.resize(std::max<std::size_t>(left.size(), 39), ' ');
    return left + " = " + result + "\n";
}

constexpr auto enter = Record::Kind::enter;
constexpr auto leave = Record::Kind::leave;
constexpr std::uint64_t at_cwd = 0xffffffffffffff9c;

TEST(Trace, RecordsMayComeByteByByte) {
    const std::string bytes =
        record(enter, 56, 2, {1, 2, 3, 4, 5, 6}, {{1, Item::Content::whole, "/a"}}) + record(leave, 56, 2, {3});
    Reader reader;
    std::vector<Record> got;
    for (const char byte : bytes) {
        reader.feed({&byte, 1}, [&](const Record& one) { got.push_back(one); });
    }
    ASSERT_EQ(got.size(), 2U);
    EXPECT_EQ(got[0].item(1)->bytes, "/a");
    EXPECT_EQ(got[0].personality, "linux");
    EXPECT_EQ(got[1].word(0), 3U);
    EXPECT_FALSE(reader.is_broken());
}

TEST(Trace, WhatIsNoRecordEndsTheReading) {
    std::string bytes = record(leave, 56, 2, {3});
    bytes[0] = 3; // shorter than a head
    Reader reader;
    reader.feed(bytes, [](const Record&) { FAIL(); });
    EXPECT_TRUE(reader.is_broken());
    Reader other;
    bytes = record(enter, 56, 2, {1}, {{1, Item::Content::whole, "abc"}});
    bytes[bytes.size() - 5] = 100; // an item longer than the record
    other.feed(bytes, [](const Record&) { FAIL(); });
    EXPECT_TRUE(other.is_broken());
}

TEST(Trace, LinesAreStraces) {
    EXPECT_EQ(
        print_all(
            {record(enter, 56, 2, {at_cwd, 0x1000, 0, 0, 0, 0}, {{1, Item::Content::whole, "/etc/passwd"}}),
             record(leave, 56, 2, {3}), record(enter, 63, 2, {3, 0x2000, 100, 0, 0, 0}),
             record(leave, 63, 2, {5}, {{1, Item::Content::whole, "a\n\"\1z"}}),
             record(enter, 56, 2, {at_cwd, 0, 0x41, 0644, 0, 0}, {{1, Item::Content::unreadable, ""}}),
             record(leave, 56, 2, {static_cast<std::uint64_t>(-14)}), record(enter, 94, 2, {7, 0, 0, 0, 0, 0})}),
        line("openat(AT_FDCWD, \"/etc/passwd\", O_RDONLY)", "3") + line(R"(read(3, "a\n\"\1z", 100))", "5")
            + line("openat(AT_FDCWD, NULL, O_WRONLY|O_CREAT, 0644)", "-1 EFAULT (Bad address)")
            + line("exit_group(7)", "?") + "+++ exited with 0 +++\n");
}

TEST(Trace, AnotherThreadBreaksALineOff) {
    EXPECT_EQ(
        print_all(
            {record(enter, 63, 2, {0, 0x2000, 9, 0, 0, 0}),
             record(enter, 64, 3, {1, 0x1, 2, 0, 0, 0}, {{1, Item::Content::cut, "hi"}}), record(leave, 64, 3, {2}),
             record(leave, 63, 2, {0})},
            {.follow = true}),
        "[pid     2] read(0, 0x2000, 9 <unfinished ...>\n[pid     3] " + line("write(1, \"hi\"..., 2)", "2")
            + "[pid     2] " + line("<... read resumed>)", "0") + "[pid     2] +++ exited with 0 +++\n");
}

TEST(Trace, CallsThatAreNotThereAreMarked) {
    const std::string text = print_all(
        {record(enter, 198, 2, {2, 1, 0, 0, 0, 0}, {{Item::name, Item::Content::whole, "socket"}}, 1),
         record(leave, 198, 2, {static_cast<std::uint64_t>(-38)}, {}, 1)});
    EXPECT_TRUE(text.starts_with("socket(0x2, 0x1, 0x0, 0x0, 0x0, 0x0) ")) << text;
    EXPECT_NE(text.find("= -1 ENOSYS (Function not implemented) <not supported>\n"), std::string::npos) << text;
}

TEST(Trace, SetsNameCallsAndClasses) {
    const Tables tables = small_tables();
    const auto shows = [&](std::string_view set, const char* name, unsigned number) {
        return Filter(set, tables).shows(name, tables.find("linux", number));
    };
    EXPECT_TRUE(shows("read,write", "read", 63));
    EXPECT_FALSE(shows("trace=write", "read", 63));
    EXPECT_TRUE(shows("t=!write", "read", 63));
    EXPECT_TRUE(shows("%file", "openat", 56));
    EXPECT_FALSE(shows("file", "read", 63));
    EXPECT_TRUE(shows("%desc,exit_group", "write", 64));
    EXPECT_TRUE(shows("socket,?nonesuch", "socket", 198));
    EXPECT_FALSE(shows("none", "read", 63));
    EXPECT_THROW(Filter("raed", tables), Failure);
    EXPECT_THROW(Filter("%nonesuch", tables), Failure);
    EXPECT_THROW(Filter("signal=SIGINT", tables), Failure);
}

TEST(Trace, SumsCountCallsAndErrors) {
    const std::string text = print_all(
        {record(enter, 63, 2, {0, 0, 0, 0, 0, 0}), record(leave, 63, 2, {static_cast<std::uint64_t>(-9)}),
         record(enter, 63, 2, {0, 0, 0, 0, 0, 0}), record(leave, 63, 2, {0})},
        {.lines = false, .summary = true});
    EXPECT_NE(text.find("         2         1 read\n"), std::string::npos) << text;
    EXPECT_NE(text.find("         2         1 total\n"), std::string::npos) << text;
}

TEST(Trace, FlagsHaveNames) {
    EXPECT_EQ(flag_words(Isa::aarch64, "openat", 2, 0x4000 | 0x80000), "O_RDONLY|O_CLOEXEC|O_DIRECTORY");
    EXPECT_EQ(flag_words(Isa::x86_64, "openat", 2, 0x10000), "O_RDONLY|O_DIRECTORY");
    EXPECT_EQ(flag_words(Isa::x86_64, "mmap", 2, 0), "PROT_NONE");
    EXPECT_EQ(flag_words(Isa::x86_64, "mmap", 3, 0x22), "MAP_PRIVATE|MAP_ANONYMOUS");
    EXPECT_EQ(flag_words(Isa::x86_64, "clone", 0, 0x01200011), "CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD");
    EXPECT_EQ(flag_words(Isa::x86_64, "lseek", 2, 2), "SEEK_END");
    EXPECT_EQ(flag_words(Isa::x86_64, "pipe2", 1, 0), "0");
    EXPECT_EQ(flag_words(Isa::x86_64, "nonesuch", 1, 0), "");
    EXPECT_EQ(signal_name(9), "SIGKILL");
    EXPECT_EQ(signal_name(34), "SIGRT_2");
    EXPECT_EQ(quoted("abcdef", 3, false), "\"abc\"...");
    EXPECT_EQ(
        quoted(
            std::string(
                "\0"
                "1",
                2),
            9, false),
        "\"\\0001\"");
}

} // namespace

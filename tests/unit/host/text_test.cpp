// The small readers of text: control lines, sizes, lines, the firmware's greeting, the run record.

#include "firmware_filter.hpp"
#include "line_reader.hpp"
#include "options.hpp"
#include "outcome.hpp"
#include "run_record.hpp"

#include <gtest/gtest.h>

namespace host {
namespace {

TEST(ControlLine, SaysHowItEnded) {
    EXPECT_EQ(exit_status(*parse_control_line("exit 0")), 0);
    EXPECT_EQ(exit_status(*parse_control_line("exit 255")), 255);
    EXPECT_EQ(exit_status(*parse_control_line("signal 11")), 139);
    const auto refused = parse_control_line("error 126 not an executable");
    ASSERT_TRUE(refused);
    EXPECT_EQ(exit_status(*refused), 126);
    EXPECT_EQ(refused->message, "not an executable");
    EXPECT_EQ(exit_status(*parse_control_line("panic in the trap core")), 125);
}

TEST(ControlLine, RefusesEverythingElse) {
    for (const char* line :
         {"", "exit", "exit 256", "exit -1", "exit 1x", "signal 0", "signal 65", "error 1 x", "hello", "exit  3"}) {
        EXPECT_FALSE(parse_control_line(line)) << line;
    }
}

TEST(Size, HasUnits) {
    EXPECT_EQ(parse_size("64M"), 64ULL << 20);
    EXPECT_EQ(parse_size("64"), 64ULL << 20);
    EXPECT_EQ(parse_size("1G"), 1ULL << 30);
    EXPECT_EQ(parse_size("4096B"), 4096U);
    for (const char* text : {"", "M", "0", "-1", "1T", "99999999999999999999", "99999999999999999G", "1.5G"}) {
        EXPECT_FALSE(parse_size(text)) << text;
    }
}

TEST(LineReader, CutsAndLimits) {
    std::vector<std::string> lines;
    const auto take = [&](std::string_view line) { lines.emplace_back(line); };
    LineReader reader;
    reader.feed("one\r\ntw", take);
    reader.feed("o\n\nrest", take);
    EXPECT_EQ(lines, (std::vector<std::string>{"one", "two", ""}));
    EXPECT_EQ(reader.rest(), "rest");
    reader.feed(std::string(3 * LineReader::limit, 'x'), take);
    EXPECT_GE(lines.size(), 5U);
    EXPECT_EQ(lines.back().size(), LineReader::limit);
}

TEST(FirmwareFilter, TakesTheGreetingOut) {
    FirmwareFilter filter(true);
    EXPECT_EQ(filter.pass("\r\nOpen"), "");
    EXPECT_EQ(filter.pass("SBI v1.1\r\nBoot HART MEDELEG : 0x1"), "");
    EXPECT_EQ(filter.pass("\r\n$ "), "$ ");
    EXPECT_EQ(filter.pass("OpenSBI"), "OpenSBI");
}

TEST(FirmwareFilter, PassesWhatIsNoGreeting) {
    FirmwareFilter filter(true);
    EXPECT_EQ(filter.pass("Op"), "");
    EXPECT_EQ(filter.pass("tions"), "Options");
    EXPECT_EQ(FirmwareFilter(false).pass("OpenSBI"), "OpenSBI");
}

TEST(RunRecord, ListsWhatTheKernelNeeds) {
    RunOptions options;
    options.program = {"echo", "a b"};
    options.environment = {"HOME=/tmp"};
    const std::string record = run_record(options, "echo", {}, {});
    using namespace std::string_literals;
    EXPECT_TRUE(record.starts_with("program=echo\0arg=echo\0arg=a b\0env=PATH="s));
    EXPECT_NE(record.find("env=HOME=/tmp\0"s), std::string::npos);
    EXPECT_EQ(record.find("env=HOME=/root"), std::string::npos);
    EXPECT_NE(record.find("stdin=port\0stdout=port\0stderr=port\0"s), std::string::npos);
    EXPECT_EQ(record.find("rows="), std::string::npos);
    EXPECT_EQ(record.back(), '\0');
}

TEST(RunRecord, TellsTheTerminalsSize) {
    RunOptions options;
    options.program = {"sh"};
    const std::string record = run_record(options, "sh", {.in = true, .out = true, .err = false}, {40, 120});
    using namespace std::string_literals;
    EXPECT_NE(record.find("stdin=tty\0stdout=tty\0stderr=port\0rows=40\0columns=120\0"s), std::string::npos);
}

} // namespace
} // namespace host

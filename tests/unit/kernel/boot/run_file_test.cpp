#include "boot/run_file.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace boot {
namespace {

using namespace std::string_view_literals;

TEST(RunFileTest, ReadsAllRecords) {
    const RunFile run = RunFile::parse("program=/bin/sh\0arg=sh\0arg=-c\0env=A=B\0cwd=/tmp\0abi=linux\0isolate=1\0"
                                       "stdin=port\0stdout=tty\0stderr=null\0rows=24\0columns=80\0future=x\0"sv)
                            .value();
    EXPECT_EQ(run.program, "/bin/sh");
    EXPECT_EQ(run.directory, "/tmp");
    EXPECT_EQ(run.personality, "linux");
    EXPECT_TRUE(run.isolate);
    EXPECT_EQ(run.input, Stream::port);
    EXPECT_EQ(run.output, Stream::tty);
    EXPECT_EQ(run.errors, Stream::null);
    EXPECT_EQ(run.rows, 24);
    EXPECT_EQ(run.columns, 80);
}

TEST(RunFileTest, HasDefaults) {
    const RunFile run = RunFile::parse("program=x\0abi=auto\0"sv).value();
    EXPECT_EQ(run.directory, "/");
    EXPECT_EQ(run.personality, "");
    EXPECT_FALSE(run.isolate);
    EXPECT_EQ(run.input, Stream::tty);
}

TEST(RunFileTest, RefusesWhatIsBroken) {
    for (const std::string_view text :
         {""sv, "arg=x\0"sv, "program=\0"sv, "program=x\0nonsense\0"sv, "program=x\0rows=70000\0"sv,
          "program=x\0rows=1x\0"sv, "program=x\0rows=\0"sv, "program=x\0stdin=file\0"sv})
        EXPECT_EQ(RunFile::parse(text).error(), Error::invalid_argument) << text;
}

TEST(RunFileTest, KeepsTheOrderOfRepeatedRecords) {
    std::vector<std::string> found;
    const auto text = "program=x\0arg=a\0argument=no\0arg=\0env=E=1\0arg=b=c"sv;
    EXPECT_TRUE(for_each_record(text, "arg", [&](std::string_view value) -> Result<> {
        found.emplace_back(value);
        return {};
    }));
    EXPECT_EQ(found, (std::vector<std::string>{"a", "", "b=c"}));
}

} // namespace
} // namespace boot

#include "boot/command_line.hpp"

#include <gtest/gtest.h>

namespace {

using boot::CommandLine;

TEST(CommandLine, FindsWholeWordsOnly) {
    const CommandLine line("isolate log=debug isolated");
    EXPECT_TRUE(line.has("isolate"));
    EXPECT_FALSE(line.has("log"));
    EXPECT_FALSE(CommandLine("isolated").has("isolate"));
    EXPECT_FALSE(CommandLine("").has("isolate"));
}

TEST(CommandLine, TakesTheFirstValue) {
    const CommandLine line("  log=debug  log=info logs=x smp=4 bad=4x empty=");
    EXPECT_EQ(line.value("log"), "debug");
    EXPECT_EQ(line.value("empty"), "");
    EXPECT_EQ(line.value("none"), std::nullopt);
    EXPECT_EQ(line.number("smp"), 4u);
    EXPECT_EQ(line.number("bad"), std::nullopt);
    EXPECT_EQ(line.number("empty"), std::nullopt);
}

} // namespace

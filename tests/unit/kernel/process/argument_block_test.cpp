#include "process/argument_block.hpp"

#include "fake/machine.hpp"
#include "lib/address.hpp"

#include <gtest/gtest.h>
#include <string>

namespace process {
namespace {

class ArgumentBlockTest : public testing::Test {
protected:
    static std::string contents(const ArgumentBlock& block) {
        std::string all;
        EXPECT_TRUE(block.for_each_run([&](std::span<const std::byte> run) -> Result<> {
            EXPECT_FALSE(run.empty());
            all.append(reinterpret_cast<const char*>(run.data()), run.size());
            return {};
        }));
        return all;
    }
    static memory::UserString user(const char* text) {
        return memory::UserString({reinterpret_cast<std::uintptr_t>(text)});
    }

    fake::Machine machine;
    ArgumentBlock block;
};

TEST_F(ArgumentBlockTest, IsEmptyAtFirst) {
    EXPECT_EQ(block.count(), 0u);
    EXPECT_EQ(block.bytes(), 0u);
    EXPECT_EQ(contents(block), "");
    block.drop_first();
    EXPECT_EQ(block.count(), 0u);
}

TEST_F(ArgumentBlockTest, PacksStringsWithTheirNuls) {
    ASSERT_TRUE(block.append("one"));
    ASSERT_TRUE(block.append(""));
    ASSERT_TRUE(block.append(user("three")));
    EXPECT_EQ(block.count(), 3u);
    EXPECT_EQ(contents(block), std::string("one\0\0three\0", 11));
}

TEST_F(ArgumentBlockTest, StringsCrossPages) {
    const std::string long_one(page_size + 100, 'a'), next(3 * page_size - 1, 'b');
    ASSERT_TRUE(block.append(long_one));
    ASSERT_TRUE(block.append(user(next.c_str())));
    EXPECT_EQ(block.bytes(), long_one.size() + next.size() + 2);
    EXPECT_EQ(contents(block), long_one + '\0' + next + '\0');
}

TEST_F(ArgumentBlockTest, ScriptsReplaceTheFirstString) {
    for (const char* text : {"script", "x", "y"})
        ASSERT_TRUE(block.append(text));
    block.drop_first();
    EXPECT_EQ(block.count(), 2u);
    ArgumentBlock longer;
    ASSERT_TRUE(longer.append("/bin/sh"));
    ASSERT_TRUE(longer.append_all(block));
    block.swap(longer);
    EXPECT_EQ(block.count(), 3u);
    EXPECT_EQ(contents(block), std::string("/bin/sh\0x\0y\0", 12));
}

TEST_F(ArgumentBlockTest, RefusesAStringThatIsTooLong) {
    const std::string fits(ArgumentBlock::max_string - 1, 'a'), too_long(ArgumentBlock::max_string, 'a');
    ASSERT_TRUE(block.append("before"));
    EXPECT_EQ(block.append(too_long).error(), Error::too_big);
    EXPECT_EQ(block.append(user(too_long.c_str())).error(), Error::too_big);
    EXPECT_EQ(contents(block), std::string("before\0", 7));
    EXPECT_TRUE(block.append(fits));
    EXPECT_TRUE(block.append(user(fits.c_str())));
}

TEST_F(ArgumentBlockTest, RefusesMoreThanItHolds) {
    const std::string piece(ArgumentBlock::max_string - 1, 'a');
    std::size_t strings = 0;
    Result<> done;
    while ((done = block.append(piece)))
        ++strings;
    EXPECT_EQ(done.error(), Error::too_big);
    EXPECT_EQ(strings, ArgumentBlock::max_pages * page_size / ArgumentBlock::max_string);
    EXPECT_EQ(block.count(), strings);
}

TEST_F(ArgumentBlockTest, RefusesKernelAddresses) {
    EXPECT_EQ(block.append(memory::UserString({~std::uintptr_t{0} - 8})).error(), Error::bad_address);
    EXPECT_EQ(block.count(), 0u);
}

} // namespace
} // namespace process

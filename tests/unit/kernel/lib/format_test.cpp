#include "lib/format.hpp"

#include <gtest/gtest.h>
#include <string>

namespace {

template <typename... Args>
std::string text(format::Format<std::type_identity_t<Args>...> format, const Args&... args) {
    std::array<char, 128> buffer;
    return {buffer.data(), format::print(buffer, format, args...)};
}

TEST(Format, WritesEachKindOfArgument) {
    EXPECT_EQ(text("{} {} {}", 1u, -2, true), "1 -2 true");
    EXPECT_EQ(text("{:x}", 0xbeefu), "0xbeef");
    EXPECT_EQ(text("{:x}", -1), "0xffffffffffffffff");
    EXPECT_EQ(text("{}|{}", std::string_view("a"), "b"), "a|b");
    EXPECT_EQ(text("{}", Error::not_found), "not_found");
    EXPECT_EQ(text("{:x}", PhysAddr{0x1000}), "0x1000");
}

TEST(Format, HandlesTheLimitsOfIntegers) {
    EXPECT_EQ(text("{}", std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
    EXPECT_EQ(text("{}", std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
}

TEST(Format, CutsAtTheEndOfTheBuffer) {
    std::array<char, 4> buffer;
    EXPECT_EQ(format::print(buffer, "{}", 123456), 4u);
    EXPECT_EQ(std::string(buffer.data(), 4), "1234");
}

} // namespace

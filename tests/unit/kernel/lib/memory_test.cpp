// kernel/lib/libc's memory functions under other names, beside the machine's own.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <gtest/gtest.h>
#include <numeric>
#include <vector>

#define memcpy tested_memcpy
#define memmove tested_memmove
#define memset tested_memset
#define memcmp tested_memcmp
#define memchr tested_memchr
extern "C" {
void* tested_memcpy(void* to, const void* from, std::size_t size);
void* tested_memmove(void* to, const void* from, std::size_t size);
void* tested_memset(void* to, int byte, std::size_t size);
int tested_memcmp(const void* left, const void* right, std::size_t size);
}
#include "lib/libc/memory.cpp"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr

namespace {

constexpr std::size_t room = 400;

std::vector<unsigned char> numbered() {
    std::vector<unsigned char> bytes(room);
    std::iota(bytes.begin(), bytes.end(), static_cast<unsigned char>(1));
    return bytes;
}

/// Calls `act(to, from, size)` for every small alignment and for sizes around the word and the block.
template <typename Act>
void for_each_shape(Act&& act) {
    for (std::size_t to = 0; to < 9; to++)
        for (std::size_t from = 0; from < 9; from++)
            for (const std::size_t size :
                 std::initializer_list<std::size_t>{0, 1, 2, 7, 8, 9, 15, 16, 63, 64, 65, 127, 128, 129, 200, 300})
                act(to, from, size);
}

TEST(Memory, Copies) {
    const auto source = numbered();
    for_each_shape([&](std::size_t to, std::size_t from, std::size_t size) {
        std::vector<unsigned char> got(room, 0), wanted(room, 0);
        EXPECT_EQ(tested_memcpy(got.data() + to, source.data() + from, size), got.data() + to);
        std::memcpy(wanted.data() + to, source.data() + from, size);
        EXPECT_EQ(got, wanted) << to << " " << from << " " << size;
    });
}

TEST(Memory, MovesWithinItself) {
    for_each_shape([&](std::size_t to, std::size_t from, std::size_t size) {
        for (const std::size_t apart : std::initializer_list<std::size_t>{0, 1, 8, 40}) {
            auto got = numbered(), wanted = numbered();
            tested_memmove(got.data() + to + apart, got.data() + from, size);
            std::memmove(wanted.data() + to + apart, wanted.data() + from, size);
            EXPECT_EQ(got, wanted);
            tested_memmove(got.data() + from, got.data() + to + apart, size);
            std::memmove(wanted.data() + from, wanted.data() + to + apart, size);
            EXPECT_EQ(got, wanted);
        }
    });
}

TEST(Memory, Sets) {
    for_each_shape([&](std::size_t to, std::size_t byte, std::size_t size) {
        auto got = numbered(), wanted = numbered();
        tested_memset(got.data() + to, static_cast<int>(byte * 37 + 0x100), size);
        std::memset(wanted.data() + to, static_cast<int>(byte * 37 + 0x100), size);
        EXPECT_EQ(got, wanted);
    });
}

TEST(Memory, Compares) {
    const auto sign = [](int number) { return (number > 0) - (number < 0); };
    const auto left = numbered();
    for_each_shape([&](std::size_t a, std::size_t b, std::size_t size) {
        auto right = left;
        EXPECT_EQ(tested_memcmp(left.data() + a, right.data() + a, size), 0);
        if (size > 0)
            right[b + size - 1] ^= 0x80;
        EXPECT_EQ(
            sign(tested_memcmp(left.data() + b, right.data() + b, size)),
            sign(std::memcmp(left.data() + b, right.data() + b, size)));
    });
}

} // namespace

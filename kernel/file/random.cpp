#include "file/random.hpp"

#include "lib/spinlock.hpp"

#include <algorithm>
#include <arch/clock.hpp>
#include <arch/cpu.hpp>
#include <array>
#include <bit>
#include <cstring>

namespace file {
namespace {

using Block = std::array<std::uint32_t, 16>; // RFC 8439, 2.3: constants, key (4..11), counter, nonce

constexpr std::size_t key_words = 8;

constinit Spinlock lock;
constinit std::array<std::uint32_t, key_words> key GUARDED_BY(lock){};
constinit std::uint64_t requests GUARDED_BY(lock) = 0;

void quarter_round(Block& x, unsigned a, unsigned b, unsigned c, unsigned d) {
    x[a] += x[b];
    x[d] = std::rotl(x[d] ^ x[a], 16);
    x[c] += x[d];
    x[b] = std::rotl(x[b] ^ x[c], 12);
    x[a] += x[b];
    x[d] = std::rotl(x[d] ^ x[a], 8);
    x[c] += x[d];
    x[b] = std::rotl(x[b] ^ x[c], 7);
}

Block chacha20_block(const Block& input) {
    Block state = input;
    for (unsigned round = 0; round < 10; ++round) {
        quarter_round(state, 0, 4, 8, 12);
        quarter_round(state, 1, 5, 9, 13);
        quarter_round(state, 2, 6, 10, 14);
        quarter_round(state, 3, 7, 11, 15);
        quarter_round(state, 0, 5, 10, 15);
        quarter_round(state, 1, 6, 11, 12);
        quarter_round(state, 2, 7, 8, 13);
        quarter_round(state, 3, 4, 9, 14);
    }
    for (std::size_t i = 0; i < state.size(); ++i)
        state[i] += input[i];
    return state;
}

/// The block to start a stream from; its key is used for this stream only.
Block begin_stream() REQUIRES(lock) {
    Block block{0x6170'7865, 0x3320'646e, 0x7962'2d32, 0x6b20'6574};
    for (std::size_t i = 0; i < key_words; ++i)
        block[4 + i] = key[i];
    const std::uint64_t now = arch::counter() ^ arch::random_word();
    ++requests;
    block[13] = static_cast<std::uint32_t>(now);
    block[14] = static_cast<std::uint32_t>(now >> 32);
    block[15] = static_cast<std::uint32_t>(requests);
    return block;
}

} // namespace

void add_entropy(std::span<const std::uint64_t> words) {
    SpinlockGuard guard(lock);
    for (std::uint64_t word : words) {
        key[0] ^= static_cast<std::uint32_t>(word);
        key[1] ^= static_cast<std::uint32_t>(word >> 32);
        const Block mixed = chacha20_block(begin_stream());
        std::copy_n(mixed.begin(), key_words, key.begin());
    }
}

void fill_random(std::span<std::byte> to) {
    Block stream;
    {
        SpinlockGuard guard(lock);
        stream = begin_stream();
        const Block next_key = chacha20_block(stream);
        std::copy_n(next_key.begin(), key_words, key.begin());
    }
    while (!to.empty()) {
        ++stream[12]; // block 0 became the next key
        const Block output = chacha20_block(stream);
        const std::size_t count = to.size() < sizeof output ? to.size() : sizeof output;
        std::memcpy(to.data(), output.data(), count);
        to = to.subspan(count);
    }
}

} // namespace file

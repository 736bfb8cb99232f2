// memcpy, memmove, memset, memcmp: the compiler calls these by name. Words of eight bytes, sixty-four bytes a turn: the
// heavy users copy and clear whole pages. No FPU or SIMD register is touched. Unaligned words are read only where the
// operands are unaligned, so page work is safe before the MMU is on.

#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace {

struct [[gnu::may_alias]] AlignedWord {
    uint64_t value;
};

struct [[gnu::packed, gnu::may_alias]] UnalignedWord {
    uint64_t value;
};

constexpr size_t word_size = sizeof(uint64_t);
constexpr size_t block_words = 8;

template <typename Word>
void copy_up(unsigned char* to, const unsigned char* from, size_t size) {
    auto* to_word = reinterpret_cast<Word*>(to);
    const auto* from_word = reinterpret_cast<const Word*>(from);
    for (; size >= block_words * word_size; size -= block_words * word_size) {
        const Word a = from_word[0], b = from_word[1], c = from_word[2], d = from_word[3];
        const Word e = from_word[4], f = from_word[5], g = from_word[6], h = from_word[7];
        to_word[0] = a, to_word[1] = b, to_word[2] = c, to_word[3] = d;
        to_word[4] = e, to_word[5] = f, to_word[6] = g, to_word[7] = h;
        to_word += block_words;
        from_word += block_words;
    }
    for (; size >= word_size; size -= word_size) {
        *to_word++ = *from_word++;
    }
    to = reinterpret_cast<unsigned char*>(to_word);
    from = reinterpret_cast<const unsigned char*>(from_word);
    for (; size > 0; size--) {
        *to++ = *from++;
    }
}

template <typename Word>
void copy_down(unsigned char* to, const unsigned char* from, size_t size) {
    while (size % word_size != 0) {
        size--;
        to[size] = from[size];
    }
    while (size > 0) {
        size -= word_size;
        *reinterpret_cast<Word*>(to + size) = *reinterpret_cast<const Word*>(from + size);
    }
}

bool words_aligned(const void* a, const void* b) {
    return ((reinterpret_cast<uintptr_t>(a) | reinterpret_cast<uintptr_t>(b)) % word_size) == 0;
}

} // namespace

extern "C" void* memcpy(void* __restrict to, const void* __restrict from, size_t size) {
    auto* target = static_cast<unsigned char*>(to);
    const auto* source = static_cast<const unsigned char*>(from);
    if (words_aligned(to, from)) {
        copy_up<AlignedWord>(target, source, size);
    } else {
        copy_up<UnalignedWord>(target, source, size);
    }
    return to;
}

extern "C" void* memmove(void* to, const void* from, size_t size) {
    auto* target = static_cast<unsigned char*>(to);
    const auto* source = static_cast<const unsigned char*>(from);
    const bool overlaps_upwards = reinterpret_cast<uintptr_t>(to) - reinterpret_cast<uintptr_t>(from) < size;
    if (!overlaps_upwards) {
        return memcpy(to, from, size);
    }
    if (words_aligned(to, from)) {
        copy_down<AlignedWord>(target, source, size);
    } else {
        copy_down<UnalignedWord>(target, source, size);
    }
    return to;
}

extern "C" void* memset(void* to, int byte, size_t size) {
    auto* target = static_cast<unsigned char*>(to);
    const auto value = static_cast<unsigned char>(byte);
    for (; size > 0 && reinterpret_cast<uintptr_t>(target) % word_size != 0; size--) {
        *target++ = value;
    }
    const AlignedWord pattern{value * 0x0101'0101'0101'0101ULL};
    auto* word = reinterpret_cast<AlignedWord*>(target);
    for (; size >= block_words * word_size; size -= block_words * word_size) {
        word[0] = pattern, word[1] = pattern, word[2] = pattern, word[3] = pattern;
        word[4] = pattern, word[5] = pattern, word[6] = pattern, word[7] = pattern;
        word += block_words;
    }
    for (; size >= word_size; size -= word_size) {
        *word++ = pattern;
    }
    target = reinterpret_cast<unsigned char*>(word);
    for (; size > 0; size--) {
        *target++ = value;
    }
    return to;
}

extern "C" int memcmp(const void* left, const void* right, size_t size) {
    const auto* a = static_cast<const unsigned char*>(left);
    const auto* b = static_cast<const unsigned char*>(right);
    if (words_aligned(left, right)) {
        for (; size >= word_size; size -= word_size, a += word_size, b += word_size) {
            if (reinterpret_cast<const AlignedWord*>(a)->value != reinterpret_cast<const AlignedWord*>(b)->value) {
                break;
            }
        }
    }
    for (; size > 0; size--, a++, b++) {
        if (*a != *b) {
            return *a < *b ? -1 : 1;
        }
    }
    return 0;
}

extern "C" void* memchr(const void* in, int byte, size_t size) {
    const auto* at = static_cast<const unsigned char*>(in);
    for (; size > 0; size--, at++) {
        if (*at == static_cast<unsigned char>(byte)) {
            return const_cast<unsigned char*>(at); // the C interface gives the constness away
        }
    }
    return nullptr;
}

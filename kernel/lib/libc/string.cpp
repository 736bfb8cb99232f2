// The few C string functions that libc++'s headers and libfdt call. Our own code uses std::string_view.

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

extern "C" size_t strlen(const char* text) {
    const char* end = text;
    while (*end != '\0') {
        end++;
    }
    return static_cast<size_t>(end - text);
}

extern "C" size_t strnlen(const char* text, size_t limit) {
    size_t length = 0;
    while (length < limit && text[length] != '\0') {
        length++;
    }
    return length;
}

extern "C" int strncmp(const char* left, const char* right, size_t limit) {
    for (; limit > 0; limit--, left++, right++) {
        const auto a = static_cast<unsigned char>(*left);
        const auto b = static_cast<unsigned char>(*right);
        if (a != b) {
            return a < b ? -1 : 1;
        }
        if (a == 0) {
            break;
        }
    }
    return 0;
}

extern "C" int strcmp(const char* left, const char* right) {
    return strncmp(left, right, static_cast<size_t>(-1));
}

extern "C" char* strchr(const char* text, int wanted) {
    for (;; text++) {
        if (*text == static_cast<char>(wanted)) {
            return const_cast<char*>(text);
        }
        if (*text == '\0') {
            return nullptr;
        }
    }
}

extern "C" char* strrchr(const char* text, int wanted) {
    const char* found = nullptr;
    for (;; text++) {
        if (*text == static_cast<char>(wanted)) {
            found = text;
        }
        if (*text == '\0') {
            return const_cast<char*>(found);
        }
    }
}

// What the programs share: their start, strings, printing.
#include "xv6.h"

__attribute__((used)) void start(int argc, char** argv);
void start(int argc, char** argv) {
    exit(main(argc, argv));
}

// The compiler may call these for what it generates.
void* memset(void* to, int with, u64 bytes);
void* memset(void* to, int with, u64 bytes) {
    volatile char* at = to;
    for (u64 i = 0; i < bytes; i++)
        at[i] = (char)with;
    return to;
}
void* memcpy(void* to, const void* from, u64 bytes);
void* memcpy(void* to, const void* from, u64 bytes) {
    volatile char* at = to;
    for (u64 i = 0; i < bytes; i++)
        at[i] = ((const char*)from)[i];
    return to;
}

int length(const char* text) {
    int bytes = 0;
    while (text[bytes])
        bytes++;
    return bytes;
}

int same(const char* a, const char* b) {
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

void copy(char* to, const char* from) {
    while ((*to++ = *from++))
        ;
}

void fill(void* to, char with, u64 bytes) {
    memset(to, with, bytes);
}

int number(const char* text) {
    int value = 0;
    const int negative = *text == '-';
    for (text += negative; *text >= '0' && *text <= '9'; text++)
        value = value * 10 + (*text - '0');
    return negative ? -value : value;
}

struct line {
    char text[256];
    int used;
};

static void put(struct line* to, char c) {
    if (to->used < (int)sizeof to->text)
        to->text[to->used++] = c;
}

static void put_number(struct line* to, u64 value, u64 base) {
    char digits[24];
    int count = 0;
    do
        digits[count++] = "0123456789abcdef"[value % base];
    while ((value /= base) != 0);
    while (count > 0)
        put(to, digits[--count]);
}

static void put_int(struct line* to, int value) {
    if (value < 0)
        put(to, '-');
    put_number(to, value < 0 ? (u64) - (long)value : (u64)value, 10);
}

// One write for the whole text, so that the lines of several processes do not mix.
void print(int fd, const char* format, ...) {
    __builtin_va_list arguments;
    __builtin_va_start(arguments, format);
    struct line line;
    line.used = 0;
    for (; *format; format++) {
        if (*format != '%') {
            put(&line, *format);
            continue;
        }
        format++;
        if (*format == 'd') {
            put_int(&line, __builtin_va_arg(arguments, int));
        } else if (*format == 'x') {
            put_number(&line, __builtin_va_arg(arguments, u64), 16);
        } else if (*format == 'c') {
            put(&line, (char)__builtin_va_arg(arguments, int));
        } else if (*format == 's') {
            for (const char* text = __builtin_va_arg(arguments, const char*); *text; text++)
                put(&line, *text);
        }
    }
    __builtin_va_end(arguments);
    write(fd, line.text, line.used);
}

// wc [FILE...]: lines, words and bytes of the files, or of the standard input.
#include "xv6.h"

static int is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v';
}

static int count(int fd, const char* name) {
    static char buffer[512];
    int lines = 0, words = 0, bytes = 0, in_word = 0, got;
    while ((got = read(fd, buffer, sizeof buffer)) > 0) {
        bytes += got;
        for (int i = 0; i < got; i++) {
            lines += buffer[i] == '\n';
            words += !is_blank(buffer[i]) && !in_word;
            in_word = !is_blank(buffer[i]);
        }
    }
    if (got < 0) {
        print(2, "wc: read error\n");
        return 1;
    }
    print(1, "%d %d %d %s\n", lines, words, bytes, name);
    return 0;
}

int main(int argc, char** argv) {
    if (argc < 2)
        return count(0, "");
    for (int i = 1; i < argc; i++) {
        const int fd = open(argv[i], O_RDONLY);
        if (fd < 0) {
            print(2, "wc: cannot open %s\n", argv[i]);
            return 1;
        }
        if (count(fd, argv[i]))
            return 1;
        close(fd);
    }
    return 0;
}

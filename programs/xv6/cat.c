// cat [FILE...]: the files, or the standard input, to the standard output.
#include "xv6.h"

static int pour(int fd, const char* name) {
    static char buffer[512];
    int got;
    while ((got = read(fd, buffer, sizeof buffer)) > 0)
        if (write(1, buffer, got) != got) {
            print(2, "cat: write error\n");
            return 1;
        }
    if (got < 0)
        print(2, "cat: %s: read error\n", name);
    return got < 0;
}

int main(int argc, char** argv) {
    int bad = 0;
    if (argc < 2)
        return pour(0, "standard input");
    for (int i = 1; i < argc; i++) {
        const int fd = open(argv[i], O_RDONLY);
        if (fd < 0) {
            print(2, "cat: cannot open %s\n", argv[i]);
            bad = 1;
            continue;
        }
        bad |= pour(fd, argv[i]);
        close(fd);
    }
    return bad;
}

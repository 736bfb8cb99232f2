// echo [WORD...]: its words, one write for the line.
#include "xv6.h"

int main(int argc, char** argv) {
    static char line[PAGE];
    int used = 0;
    for (int i = 1; i < argc; i++) {
        copy(line + used, argv[i]);
        used += length(argv[i]);
        line[used++] = i + 1 < argc ? ' ' : '\n';
    }
    return write(1, line, used) == used ? 0 : 1;
}

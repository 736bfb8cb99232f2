// A shared library of our own for dynamic.c: a constructor, a variable of each thread, a table that needs relocating.
#include "library.h"

static int constructed;

__attribute__((constructor)) static void construct(void) {
    constructed = 1;
}

static _Thread_local int of_this_thread = 41;

int library_count(void) {
    return constructed ? ++of_this_thread : -1;
}

static int first(void) {
    return 1;
}
static int second(void) {
    return 2;
}
// Relocated by the dynamic linker, then made read-only (RELRO).
int (*const library_table[2])(void) = {first, second};

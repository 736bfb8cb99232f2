// Uses every core at the highest priority and never waits: a system that somebody else has to end.
#include "isa.h"

static void spin(word_t unused) {
    (void)unused;
    for (;;)
        ;
}

int main(void) {
    for (word_t core = 1; core < boot_info->nodes; ++core) {
        const cptr_t thread = make_thread(spin, 0, 255, 0);
        invoke(thread, tcb_set_affinity, 1, &core, 0, 0);
    }
    print("spinning\n");
    spin(0);
    return 0;
}

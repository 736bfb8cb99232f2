// crash: reads where nothing is.
#include "rtt.h"

void rtt_main(void) {
    print("before\n");
    *(volatile int*)0x10 = 1;
    print("behind\n");
}

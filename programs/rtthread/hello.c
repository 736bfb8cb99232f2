// hello: the smallest program that says something.
#include "rtt.h"

void rtt_main(void) {
    print("hello from RT-Thread Smart\n");
}

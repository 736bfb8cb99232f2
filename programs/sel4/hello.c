// The smallest root task.
#include "sel4.h"

int main(void) {
    print("hello, capabilities\n");
    return 0;
}

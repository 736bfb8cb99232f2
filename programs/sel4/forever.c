// Waits for ever: a system that somebody else has to end.
#include "sel4.h"

int main(void) {
    struct registers r = {make_object(object_notification, 0), 0, {0}};
    print("waiting\n");
    for (;;)
        trap(sys_recv, &r);
}

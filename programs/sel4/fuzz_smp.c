// The hostile root task on all cores.
#include "fuzz.c"

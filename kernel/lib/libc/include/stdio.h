#pragma once
// <cstdio> is included by a few libc++ headers for EOF and the type FILE; there are no streams here.
#include <stddef.h>

#define EOF (-1)
typedef struct tetrapylon_no_file FILE;

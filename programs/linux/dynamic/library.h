#pragma once

// 42, 43 ... for each thread by itself; -1 when the library's constructor has not run.
int library_count(void);

extern int (*const library_table[2])(void);

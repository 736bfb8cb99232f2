#pragma once
// The place where libc++ looks for this one type when it is configured without wide characters.
typedef struct {
    unsigned int unused;
} mbstate_t;

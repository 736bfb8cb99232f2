#undef assert
// libc-style assert for libraries that use it (libfdt, Boost); the kernel's own checks are lib/assert.hpp.
#define assert(condition) ((condition) ? (void)0 : __builtin_trap())

// Where libc++'s headers end when a contract is broken (expected::value() on an error, an exhausted hardening check).
// The trap instruction enters the kernel's own exception path, which reports the address and panics.

#include <__verbose_abort>
#include <stdlib.h>

extern "C" void abort() {
    __builtin_trap();
}

void std::__libcpp_verbose_abort(const char*, ...) {
    __builtin_trap();
}

// A virtual function that no class of the object has: called only while an object is being made or destroyed.
extern "C" [[noreturn]] void __cxa_pure_virtual();
extern "C" void __cxa_pure_virtual() {
    __builtin_trap();
}

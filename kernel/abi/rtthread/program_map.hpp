#pragma once
// Where the parts of a program lie, for each generation; the numbers of an ISA stand in rtthread_isa/address_map.hpp.

#include <cstdint>

namespace abi::rtthread {

struct AddressMap {
    std::uintptr_t load;        // USER_LOAD_VADDR: link address of programs, and where position-independent ones go
    std::uintptr_t interpreter; // LDSO_LOAD_VADDR
    std::uintptr_t heap_start, heap_end;
    std::uintptr_t stack_start, stack_end; // grows down from the end
    std::uintptr_t arguments;              // the block of arguments; 0: in the page below `top`
    std::uintptr_t top;                    // USER_VADDR_TOP
    std::uintptr_t search_start;           // where unplaced mappings go
    bool search_down;
};

} // namespace abi::rtthread

#pragma once
// How an ISA describes its object types and the methods of its tables.

#include "abi/sel4/labels.hpp"
#include "abi/sel4/object/capability.hpp"

namespace abi::sel4::isa {

struct ObjectKind {
    CapType type;
    unsigned bits;           // log2 of the size
    unsigned frame_size = 0; // frames: index into frame_bits
};

struct TableLabels {
    Label map = Label::invalid, unmap = Label::invalid;
};

} // namespace abi::sel4::isa

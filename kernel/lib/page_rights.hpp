#pragma once
// Rights and memory type of a mapping, in no ISA's encoding.

struct PageRights {
    bool read = false;
    bool write = false;
    bool execute = false;
    bool user = false;   // reachable from user mode
    bool device = false; // strongly ordered, never cached or speculated
    bool global = false; // the same in every address space; kept across address-space switches

    constexpr bool operator==(const PageRights&) const = default;
};

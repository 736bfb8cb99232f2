#pragma once
// System registers. Names and fields: Arm ARM (DDI 0487) D19.

#include <cstdint>

// A system register's name must be part of the instruction, hence macros. `volatile`: reads and writes stay in program
// order.
#define READ_REGISTER(name)                                                                                            \
    ({                                                                                                                 \
        std::uint64_t register_value_;                                                                                 \
        asm volatile("mrs %0, " #name : "=r"(register_value_));                                                        \
        register_value_;                                                                                               \
    })
#define WRITE_REGISTER(name, value)                                                                                    \
    asm volatile("msr " #name ", %x0" : : "rZ"(static_cast<std::uint64_t>(value)) : "memory")

namespace arch {

/// A context synchronisation event: register writes above take effect for what follows.
inline void instruction_barrier() {
    asm volatile("isb" : : : "memory");
}

} // namespace arch

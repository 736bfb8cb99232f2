#pragma once
// The GICv3 CPU interface: system registers ICC_*, IHI 0069 12.2. For device/arm.

#include <arch/registers.hpp>
#include <cstdint>

namespace arch {

/// What was written to memory is there before a following device access has its effect.
inline void publish_to_devices() {
    asm volatile("dsb ishst" : : : "memory");
}

/// System registers on, priorities above `mask` through, Group 1 on, one write ends an interrupt.
inline void gic_v3_enable_interface(std::uint8_t mask) {
    WRITE_REGISTER(s3_0_c12_c12_5, 7); // ICC_SRE_EL1: SRE, and no bypass
    instruction_barrier();
    WRITE_REGISTER(s3_0_c4_c6_0, mask); // ICC_PMR_EL1
    WRITE_REGISTER(s3_0_c12_c12_3, 0);  // ICC_BPR1_EL1
    WRITE_REGISTER(s3_0_c12_c12_4, 0);  // ICC_CTLR_EL1: EOImode 0
    WRITE_REGISTER(s3_0_c12_c12_7, 1);  // ICC_IGRPEN1_EL1
    instruction_barrier();
}

/// ICC_IAR1_EL1. The barrier makes the interrupt active before its device is looked at.
inline std::uint64_t gic_v3_acknowledge() {
    const std::uint64_t irq = READ_REGISTER(s3_0_c12_c12_0);
    asm volatile("dsb sy" : : : "memory");
    return irq & 0xff'ffff;
}

inline void gic_v3_end(std::uint64_t irq) {
    WRITE_REGISTER(s3_0_c12_c12_1, irq); // ICC_EOIR1_EL1
    instruction_barrier();
}

inline void gic_v3_generate(std::uint64_t target) {
    WRITE_REGISTER(s3_0_c12_c11_5, target); // ICC_SGI1R_EL1
    instruction_barrier();
}

} // namespace arch

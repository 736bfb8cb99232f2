#pragma once
// Model-specific registers and control registers (SDM volume 4; AMD64 APM volume 2, appendix A).

#include <cstdint>

namespace arch {

namespace msr {
inline constexpr std::uint32_t apic_base = 0x1b, tsc_deadline = 0x6e0, efer = 0xc000'0080, star = 0xc000'0081,
                               lstar = 0xc000'0082, cstar = 0xc000'0083, syscall_mask = 0xc000'0084,
                               fs_base = 0xc000'0100, gs_base = 0xc000'0101, kernel_gs_base = 0xc000'0102,
                               x2apic_first = 0x800;
}

inline std::uint64_t read_msr(std::uint32_t number) {
    std::uint32_t low, high;
    asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(number) : "memory");
    return std::uint64_t{high} << 32 | low;
}
inline void write_msr(std::uint32_t number, std::uint64_t value) {
    asm volatile("wrmsr" ::"c"(number), "a"(static_cast<std::uint32_t>(value)),
                 "d"(static_cast<std::uint32_t>(value >> 32))
                 : "memory");
}

namespace cr0 {
inline constexpr std::uint64_t monitor_coprocessor = 1u << 1, emulation = 1u << 2, task_switched = 1u << 3,
                               numeric_error = 1u << 5, write_protect = 1u << 16, alignment_mask = 1u << 18;
}
namespace cr4 {
inline constexpr std::uint64_t time_stamp_disable = 1u << 2, page_size_extension = 1u << 4,
                               physical_address_extension = 1u << 5, machine_check = 1u << 6, page_global = 1u << 7,
                               fxsave = 1u << 9, simd_exceptions = 1u << 10, umip = 1u << 11, fsgsbase = 1u << 16,
                               xsave = 1u << 18, smep = 1u << 20, smap = 1u << 21;
}

inline std::uint64_t read_cr0() {
    std::uint64_t value;
    asm volatile("movq %%cr0, %0" : "=r"(value)::"memory");
    return value;
}
inline void write_cr0(std::uint64_t value) {
    asm volatile("movq %0, %%cr0" ::"r"(value) : "memory");
}
inline std::uint64_t read_cr2() {
    std::uint64_t value;
    asm volatile("movq %%cr2, %0" : "=r"(value)::"memory");
    return value;
}
inline std::uint64_t read_cr3() {
    std::uint64_t value;
    asm volatile("movq %%cr3, %0" : "=r"(value)::"memory");
    return value;
}
inline void write_cr3(std::uint64_t value) {
    asm volatile("movq %0, %%cr3" ::"r"(value) : "memory");
}
inline std::uint64_t read_cr4() {
    std::uint64_t value;
    asm volatile("movq %%cr4, %0" : "=r"(value)::"memory");
    return value;
}
inline void write_cr4(std::uint64_t value) {
    asm volatile("movq %0, %%cr4" ::"r"(value) : "memory");
}

} // namespace arch

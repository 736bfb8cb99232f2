#include "arch/x86_64/features.hpp"

#include "arch/x86_64/alternative.h"
#include "arch/x86_64/msr.hpp"

#include <arch/cpu.hpp>
#include <arch/page_table.hpp>
#include <cstring>
#include <span>

namespace arch {
namespace {

constinit Features found{};

constexpr bool bit(std::uint32_t word, unsigned index) {
    return ((word >> index) & 1) != 0;
}

/// TSC frequency in Hz as leaf 0x15 states it (SDM volume 2, CPUID), or the hypervisor's leaf 0x40000010 (kHz); else 0.
std::uint64_t tsc_frequency_from_cpuid(std::uint32_t highest_leaf) {
    if (highest_leaf >= 0x15) {
        const CpuidResult tsc = cpuid(0x15);
        if (tsc.eax != 0 && tsc.ebx != 0 && tsc.ecx != 0)
            return std::uint64_t{tsc.ecx} * tsc.ebx / tsc.eax;
    }
    if (found.hypervisor && cpuid(0x4000'0000).eax >= 0x4000'0010)
        return std::uint64_t{cpuid(0x4000'0010).eax} * 1000;
    return 0;
}

/// x87, SSE, AVX, AVX-512: what is saved. The rest (protection keys, MPX, AMX) is never enabled.
constexpr std::uint64_t wanted_components = 0xe7;
constexpr std::uint64_t legacy_components = 0x3;
constexpr std::uint32_t fxsave_size = 512;

void detect_xsave() {
    found.fpu_components = legacy_components;
    found.fpu_size = fxsave_size;
    if (!found.xsave)
        return;
    const CpuidResult all = cpuid(0xd);
    found.fpu_components = (std::uint64_t{all.edx} << 32 | all.eax) & wanted_components;
    // AVX-512 state is all three components or none
    if ((found.fpu_components & 0xe0) != 0xe0)
        found.fpu_components &= 0x7;
    std::uint32_t size = fxsave_size + 64;
    for (unsigned component = 2; component < 8; ++component) {
        if (((found.fpu_components >> component) & 1) == 0)
            continue;
        const CpuidResult area = cpuid(0xd, component);
        if (area.ebx + area.eax > size)
            size = area.ebx + area.eax;
    }
    found.fpu_size = size;
}

// A row of .alternatives, see alternative.h.
struct AlternativeRow {
    std::int32_t instruction;
    std::int32_t otherwise;
    std::uint8_t feature;
    std::uint8_t length;
    std::uint8_t otherwise_length;
    std::uint8_t reserved;
};
static_assert(sizeof(AlternativeRow) == 12);
extern "C" const AlternativeRow alternatives_start[];
extern "C" const AlternativeRow alternatives_end[];

bool has_feature(unsigned number) {
    switch (number) {
    case ALTERNATIVE_SMAP:
        return found.smap;
    case ALTERNATIVE_FSGSBASE:
        return found.fsgsbase;
    case ALTERNATIVE_XSAVE:
        return found.xsave;
    default:
        halt();
    }
}

std::uint8_t* self_relative(const std::int32_t& offset) {
    return reinterpret_cast<std::uint8_t*>(
        reinterpret_cast<std::uintptr_t>(&offset) + static_cast<std::uintptr_t>(std::intptr_t{offset}));
}

constexpr std::uint8_t nop = 0x90;

} // namespace

const Features& features() {
    return found;
}

CpuidResult cpuid(std::uint32_t leaf, std::uint32_t subleaf) {
    CpuidResult result;
    asm volatile("cpuid"
                 : "=a"(result.eax), "=b"(result.ebx), "=c"(result.ecx), "=d"(result.edx)
                 : "a"(leaf), "c"(subleaf));
    return result;
}

void detect_features() {
    const std::uint32_t highest_leaf = cpuid(0).eax;
    const CpuidResult basic = cpuid(1);
    const CpuidResult structured = highest_leaf >= 7 ? cpuid(7) : CpuidResult{};
    const std::uint32_t highest_extended = cpuid(0x8000'0000).eax;
    const CpuidResult extended = highest_extended >= 0x8000'0001 ? cpuid(0x8000'0001) : CpuidResult{};
    const CpuidResult power = highest_extended >= 0x8000'0007 ? cpuid(0x8000'0007) : CpuidResult{};

    const bool syscall = bit(extended.edx, 11), no_execute = bit(extended.edx, 20);
    if (!syscall || !no_execute)
        halt();
    found = {
        .smep = bit(structured.ebx, 7),
        .smap = bit(structured.ebx, 20),
        .umip = bit(structured.ecx, 2),
        .fsgsbase = bit(structured.ebx, 0),
        .xsave = bit(basic.ecx, 26) && highest_leaf >= 0xd,
        .rdrand = bit(basic.ecx, 30),
        .gigabyte_pages = bit(extended.edx, 26),
        .tsc_deadline = bit(basic.ecx, 24),
        .invariant_tsc = bit(power.edx, 8),
        .x2apic = bit(basic.ecx, 21),
        .hypervisor = bit(basic.ecx, 31),
        .fpu_size = 0,
        .fpu_components = 0,
        .cpuid_tsc_hz = 0};
    found.cpuid_tsc_hz = tsc_frequency_from_cpuid(highest_leaf);
    detect_xsave();
}

void apply_alternatives() {
    for (const AlternativeRow* row = alternatives_start; row != alternatives_end; ++row) {
        if (has_feature(row->feature))
            continue;
        std::uint8_t* at = self_relative(row->instruction);
        std::memset(at, nop, row->length);
        if (row->otherwise_length != 0)
            std::memcpy(at, self_relative(row->otherwise), row->otherwise_length);
    }
}

unsigned PageTableFormat::largest_block_level() {
    return found.gigabyte_pages ? 1 : 2;
}

std::uint64_t random_word() {
    if (!found.rdrand)
        return 0;
    for (int attempt = 0; attempt < 10; ++attempt) { // SDM volume 1, 7.3.17.1
        std::uint64_t word;
        bool good;
        asm volatile("rdrand %0" : "=r"(word), "=@ccc"(good));
        if (good)
            return word;
    }
    return 0;
}

} // namespace arch

// Translation, TLB and cache maintenance. Arm ARM (DDI 0487) D8.13 (TLB), D7.5 (caches).

#include <arch/image.hpp>
#include <arch/page_table.hpp>

namespace arch {

extern "C" {
extern const char kernel_root_table[];
}

namespace {

alignas(page_size) constinit const std::array<std::uint64_t, page_size / 8> empty_root{};

constinit std::uint64_t image_start = 0; // physical

/// TLBI operand of a page under an ASID.
std::uint64_t page_operand(std::uint16_t asid, std::uintptr_t va) {
    constexpr std::uint64_t address_bits = (std::uint64_t{1} << 44) - 1;
    return static_cast<std::uint64_t>(asid) << 48 | (va >> page_shift & address_bits);
}

} // namespace

void set_image_start(PhysAddr start) {
    image_start = start.value;
}

PhysAddr image_to_phys(const void* address) {
    return {reinterpret_cast<std::uintptr_t>(address) - image_base + image_start};
}

PhysAddr kernel_root() {
    return image_to_phys(kernel_root_table);
}

void activate_kernel_translation() {
    WRITE_REGISTER(ttbr0_el1, image_to_phys(empty_root.data()).value);
    instruction_barrier();
}

unsigned asid_bits() {
    constexpr std::uint64_t sixteen = 2;
    return (READ_REGISTER(id_aa64mmfr0_el1) >> 4 & 0xf) == sixteen ? 16 : 8;
}

void flush_user_page(const Translation& translation, std::uintptr_t va, const thread::CpuMask&) {
    asm volatile("dsb ishst\n\ttlbi vae1is, %0\n\tdsb ish\n\tisb"
                 :
                 : "r"(page_operand(translation.asid, va))
                 : "memory");
}

void flush_user_all(const Translation& translation, const thread::CpuMask&) {
    asm volatile("dsb ishst\n\ttlbi aside1is, %0\n\tdsb ish\n\tisb"
                 :
                 : "r"(page_operand(translation.asid, 0))
                 : "memory");
}

void flush_kernel_range(std::uintptr_t va, std::size_t bytes) {
    asm volatile("dsb ishst" : : : "memory");
    for (std::uintptr_t page = va; page < va + bytes; page += page_size)
        asm volatile("tlbi vaae1is, %0" : : "r"(page_operand(0, page)) : "memory");
    asm volatile("dsb ish\n\tisb" : : : "memory");
}

void synchronise_instructions(std::uintptr_t kernel_va, std::size_t bytes) {
    const std::uint64_t cache_type = READ_REGISTER(ctr_el0);
    constexpr std::uint64_t data_not_needed = 1u << 28, fetch_not_needed = 1u << 29; // IDC, DIC
    if (!(cache_type & data_not_needed)) {
        const std::size_t line = std::size_t{4} << (cache_type >> 16 & 0xf);
        for (std::uintptr_t at = align_down(kernel_va, line); at < kernel_va + bytes; at += line)
            asm volatile("dc cvau, %0" : : "r"(at) : "memory");
    }
    // Programs fetch through other addresses than kernel_va, which only a whole invalidation reaches in a VIPT cache.
    asm volatile("dsb ish" : : : "memory");
    if (!(cache_type & fetch_not_needed))
        asm volatile("ic ialluis\n\tdsb ish" : : : "memory");
    instruction_barrier();
}

} // namespace arch

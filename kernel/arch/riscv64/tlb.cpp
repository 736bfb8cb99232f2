// Address-space activation and TLB maintenance (privileged specification, 4.1.11 satp, 4.2.1 sfence.vma).

#include "csr.hpp"
#include "fault.hpp"
#include "sbi.hpp"
#include "thread/cpu.hpp"

#include <arch/page_table.hpp>
#include <array>
#include <atomic>

namespace arch {
namespace {

constexpr std::uint64_t satp_sv39 = std::uint64_t{8} << 60;
constexpr unsigned satp_asid_shift = 44;

constexpr std::uint64_t make_satp(PhysAddr root, std::uint64_t asid) {
    return satp_sv39 | asid << satp_asid_shift | root.frame_number();
}

/// The hardware's two identifiers of a translation: the full table's, and one more for the isolated one.
std::uint64_t hardware_asid(const Translation& translation, bool isolated) {
    return asid_bits() ? std::uint64_t{translation.asid} * 2 + isolated : 0;
}

void load_satp(std::uint64_t satp) {
    CSR_WRITE(satp, satp);
    if (!asid_bits())
        handle_flush_ipi();
}

/// CPUs whose TLB may know entries that are no longer true, of address spaces that are not active there: such a CPU is
/// not interrupted, it flushes everything when it activates an address space next.
constinit std::array<std::atomic<bool>, thread::max_cpus> stale{};

/// The other CPUs in the mask that must be interrupted, in hart ids (all below 64): those on which the translation is
/// active, as an address space of memory/ or as a root of a stackless thread's personality. Sets the mark first and
/// looks then; who activates one does it the other way round, so that one of the two sees the other.
std::uint64_t harts_to_interrupt(const Translation& translation, const thread::CpuMask& cpus) {
    const std::uint64_t satp = make_satp(translation.root, hardware_asid(translation, false));
    std::uint64_t harts = 0;
    for (unsigned i = 0; i < thread::cpu_count(); ++i) {
        if (!cpus.contains(i) || i == current_cpu().index)
            continue;
        stale[i].store(true);
        thread::Cpu& cpu = thread::cpu(i);
        if (std::atomic_ref(cpu.arch.kernel_satp).load() == satp || cpu.foreign_root.load() == satp)
            harts |= std::uint64_t{1} << cpu.hardware_id;
    }
    return harts;
}

void flush_if_stale(unsigned cpu) {
    if (!stale[cpu].load()) [[likely]]
        return;
    stale[cpu].store(false); // before the flush: who sets it again interrupts us
    handle_flush_ipi();
}

bool has_others() {
    return thread::cpu_count() > 1;
}

void flush_asid(std::uint64_t harts, bool here, std::uint64_t asid) {
    if (here)
        asm volatile("sfence.vma zero, %0" : : "r"(asid) : "memory");
    if (harts)
        sbi::remote_sfence_vma_asid({harts, 0}, 0, ~std::uint64_t{0}, asid);
}

} // namespace

void activate_translation(const Translation& translation) {
    CpuLocal& local = current_cpu().arch;
    std::atomic_ref(local.kernel_satp).store(make_satp(translation.root, hardware_asid(translation, false)));
    if (translation.isolated)
        local.user_satp = make_satp(translation.isolated_root, hardware_asid(translation, true));
    else
        CSR_WRITE(stvec, reinterpret_cast<std::uintptr_t>(&trap_entry)); // after an isolated thread it is kernelvec
    load_satp(local.kernel_satp);
    flush_if_stale(current_cpu().index);
}

void activate_foreign_translation(std::uint64_t satp) {
    load_satp(satp);
    flush_if_stale(current_cpu().index);
}

void activate_kernel_translation() {
    CpuLocal& local = current_cpu().arch;
    std::atomic_ref(local.kernel_satp).store(make_satp(kernel_root(), 0));
    load_satp(local.kernel_satp);
}

unsigned asid_bits() {
    // Bits that are not there read as zero. One is used to tell the isolated table from the full one.
    static constinit int bits = -1;
    if (bits < 0) [[unlikely]] {
        std::uint64_t satp = CSR_READ(satp);
        CSR_WRITE(satp, satp | std::uint64_t{0xffff} << satp_asid_shift);
        auto found = __builtin_popcountll(CSR_READ(satp) >> satp_asid_shift & 0xffff);
        CSR_WRITE(satp, satp);
        handle_flush_ipi();
        bits = found > 1 ? found - 1 : 0;
    }
    return static_cast<unsigned>(bits);
}

void flush_user_page(const Translation& translation, std::uintptr_t va, const thread::CpuMask& cpus) {
    if (cpus.contains(current_cpu().index))
        asm volatile("sfence.vma %0, zero" : : "r"(va) : "memory"); // in both tables
    if (std::uint64_t harts = harts_to_interrupt(translation, cpus))
        sbi::remote_sfence_vma({harts, 0}, va, page_size);
}

void flush_user_all(const Translation& translation, const thread::CpuMask& cpus) {
    std::uint64_t harts = harts_to_interrupt(translation, cpus);
    bool here = cpus.contains(current_cpu().index);
    flush_asid(harts, here, hardware_asid(translation, false));
    if (translation.isolated && asid_bits())
        flush_asid(harts, here, hardware_asid(translation, true));
}

void flush_kernel_range(std::uintptr_t va, std::size_t bytes) {
    for (std::uintptr_t page = va; page < va + bytes; page += page_size)
        asm volatile("sfence.vma %0, zero" : : "r"(page) : "memory");
    if (has_others())
        sbi::remote_sfence_vma(sbi::HartMask::all(), va, bytes);
}

void handle_flush_ipi() {
    asm volatile("sfence.vma" : : : "memory");
}

void synchronise_instructions(std::uintptr_t, std::size_t) {
    asm volatile("fence.i" : : : "memory");
    if (has_others())
        sbi::remote_fence_i(sbi::HartMask::all());
}

} // namespace arch

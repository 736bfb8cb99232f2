#include "thread/cpu.hpp"

#include "csr.hpp"
#include "fault.hpp"
#include "lib/format.hpp"
#include "lib/log_sink.hpp"
#include "linker.hpp"
#include "sbi.hpp"
#include "trampoline_pages.hpp"

#include <arch/boot.hpp>
#include <arch/clock.hpp>

namespace arch {

void initialise_cpu() {
    CSR_WRITE(stvec, reinterpret_cast<std::uintptr_t>(&trap_entry));
    CSR_WRITE(sscratch, 0);
    // The invariant of vectors.S. FS off: the first floating-point instruction traps.
    CSR_CLEAR(sstatus, SSTATUS_SIE | SSTATUS_SPP | SSTATUS_SUM | SSTATUS_FS);
    CSR_SET(sstatus, SSTATUS_SPIE);
    CSR_WRITE(scounteren, 7); // cycle, time, instret: as Linux lets users read them
    CpuLocal& local = current_cpu().arch;
    local = {};
    set_trampoline(local);
    activate_kernel_translation();
    stop_alarm();
    CSR_WRITE(sie, software_bit | timer_bit | external_bit);
}

void send_ipi(thread::Cpu& target) {
    sbi::send_ipi({1, target.hardware_id});
}

void halt() {
    disable_interrupts();
    CSR_WRITE(sie, 0); // or wfi would go on for an interrupt that nobody takes
    for (;;)
        wait_for_interrupt();
}

void power_off() {
    sbi::reset_system(sbi::ResetType::shutdown);
    sbi::call(sbi::Extension::legacy_shutdown, 0);
    halt();
}

void reboot() {
    sbi::reset_system(sbi::ResetType::cold_reboot);
    halt();
}

namespace {

constexpr std::array<std::string_view, 32> register_names{
    "pc", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0",  "a1",  "a2", "a3", "a4", "a5",
    "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};

} // namespace

void print_registers(const KernelFrame& frame) {
    std::array<char, 64> text;
    for (std::size_t i = 0; i < register_names.size(); ++i) {
        std::uint64_t value = i == 0 ? frame.program_counter : frame.general[i];
        klog::write_panic({text.data(), format::print(text, "  {} {:x}", register_names[i], value)});
        if (i % 4 == 3)
            klog::write_panic("\n");
    }
}

// Without frame pointers in the release kernel there is no chain to follow: every word of the stack that points behind
// a call in the kernel's text is shown.
void print_backtrace() {
    std::uintptr_t here;
    asm volatile("mv %0, sp" : "=r"(here));
    std::uintptr_t end = (here | ((std::uintptr_t{1} << KERNEL_STACK_BIT) - 1)) + 1;
    unsigned shown = 0;
    for (std::uintptr_t at = here; at < end && shown < 32; at += sizeof(std::uintptr_t)) {
        std::uintptr_t word = *reinterpret_cast<const std::uintptr_t*>(at);
        if (word < linker_address(image_start) || word >= linker_address(text_end) || word % 2 != 0)
            continue;
        std::array<char, 32> line;
        klog::write_panic({line.data(), format::print(line, "  {:x}\n", word)});
        ++shown;
    }
}

} // namespace arch

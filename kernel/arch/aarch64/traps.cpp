// What follows the vectors: decode the cause, call the trap core. ESR_EL1 as in Arm ARM (DDI 0487) D19.2.37.

#include "device/interrupt_controller.hpp"
#include "lib/log.hpp"
#include "lib/log_sink.hpp"
#include "memory/kernel_map.hpp"
#include "thread/cpu.hpp"
#include "thread/thread.hpp"
#include "trap/trap.hpp"

#include <arch/clock.hpp>
#include <arch/cpu.hpp>
#include <arch/frame.hpp>
#include <arch/timer_line.hpp>

namespace arch {

extern "C" {
extern const char text_start[];
extern const char text_end[];
}
namespace {

using Kind = trap::Fault::Kind;

/// Exception classes, ESR_EL1.EC.
enum ExceptionClass : unsigned {
    ec_fpu = 0x07,
    ec_system_register = 0x18,
    ec_fetch_user = 0x20,
    ec_fetch_kernel = 0x21,
    ec_pc_alignment = 0x22,
    ec_data_user = 0x24,
    ec_data_kernel = 0x25,
    ec_sp_alignment = 0x26,
    ec_floating_point = 0x2c,
    ec_hardware_breakpoint_user = 0x30,
    ec_hardware_breakpoint_kernel = 0x31,
    ec_step_user = 0x32,
    ec_step_kernel = 0x33,
    ec_watchpoint_user = 0x34,
    ec_watchpoint_kernel = 0x35,
    ec_brk = 0x3c,
};

constexpr unsigned exception_class(std::uint64_t esr) {
    return (esr >> 26) & 0x3f;
}

/// Aborts, by ESR_EL1.ISS.DFSC / IFSC.
void decode_abort(trap::Fault& fault, Kind access, std::uint64_t far) {
    constexpr unsigned alignment = 0x21;
    const unsigned status = fault.cause & 0x3f;
    fault.address = far;
    switch (status >> 2) {
    case 1: // translation, by level
        fault.kind = access;
        break;
    case 2: // access flag: every entry of ours has it set
    case 3: // permission
        fault.kind = access;
        fault.present = true;
        break;
    default: // external aborts, address size, parity, TLB conflict
        fault.kind = status == alignment ? Kind::alignment : Kind::bus_error;
    }
}

/// A user address may carry a tag in its top byte (TCR_EL1.TBI0), which FAR_EL1 keeps.
std::uint64_t without_tag(std::uint64_t address) {
    return address >> 55 & 1 ? address : address & ~(std::uint64_t{0xff} << 56);
}

trap::Fault decode_fault(std::uint64_t esr, std::uint64_t far, std::uint64_t pc, std::uint64_t sp, bool user) {
    trap::Fault fault{
        .kind = Kind::illegal_instruction, .user = user, .present = false, .address = pc, .pc = pc, .cause = esr};
    switch (exception_class(esr)) {
    case ec_fetch_user:
    case ec_fetch_kernel:
        decode_abort(fault, Kind::execute, without_tag(far));
        break;
    case ec_data_user:
    case ec_data_kernel: {
        constexpr std::uint64_t write = 1u << 6, cache_maintenance = 1u << 8; // WnR is also set for the latter
        decode_abort(fault, (esr & write) && !(esr & cache_maintenance) ? Kind::write : Kind::read, without_tag(far));
        break;
    }
    case ec_pc_alignment:
        fault.kind = Kind::alignment;
        break;
    case ec_sp_alignment:
        fault.kind = Kind::alignment;
        fault.address = sp;
        break;
    case ec_system_register:
        fault.kind = Kind::privileged_instruction;
        break;
    case ec_floating_point:
        fault.kind = Kind::floating_point;
        break;
    case ec_step_user:
    case ec_step_kernel:
        fault.kind = Kind::single_step;
        break;
    case ec_hardware_breakpoint_user:
    case ec_hardware_breakpoint_kernel:
    case ec_watchpoint_user:
    case ec_watchpoint_kernel:
    case ec_brk:
        fault.kind = Kind::breakpoint;
        break;
    default: // undefined instructions; SVE, SME, pointer authentication and branch targets, which programs are not
             // given
        break;
    }
    return fault;
}

void handle_interrupt(bool from_user) {
    constexpr device::Irq first_peripheral = 16; // below: software generated
    device::InterruptController& controller = device::interrupt_controller();
    thread::Cpu& cpu = current_cpu();
    // One at a time: another that is pending interrupts again on the way out, which is rarely so.
    const std::optional<device::Irq> irq = controller.acknowledge();
    if (!irq)
        return;
    if (*irq == timer_line()) {
        stop_alarm(); // its line is level triggered
        controller.complete(*irq);
        trap::handle_timer(cpu, from_user);
    } else if (*irq < first_peripheral) {
        controller.complete(*irq);
        trap::handle_ipi(cpu);
    } else {
        device::dispatch_interrupt(*irq);
        controller.complete(*irq);
    }
}

[[noreturn]] void report(const char* what, const KernelFrame& frame) {
    klog::write_panic("\n");
    klog::write_panic(what);
    klog::write_panic("\n");
    print_registers(frame);
    panic(what);
}

} // namespace

// Called by vectors.S; interrupts off.
extern "C" {

void el0t_64_fault_handler(thread::Thread& thread, std::uint64_t esr, std::uint64_t far) {
    if (exception_class(esr) == ec_fpu)
        return trap::handle_fpu_unavailable(thread);
    const UserFrame& frame = *thread.frame;
    trap::handle_fault(thread, decode_fault(esr, far, frame.program_counter, frame.stack_pointer, true));
}

/// Returns the thread that goes on.
thread::Thread* el0t_64_irq_handler() {
    handle_interrupt(true);
    return &thread::current();
}

void el0t_64_fiq_handler(thread::Thread& thread) {
    klog::warning("unexpected FIQ in thread {}", thread.id); // no interrupt is in the group that signals FIQ
}

/// SError: something that user mode did to memory or a device went wrong, asynchronously.
void el0t_64_error_handler(thread::Thread& thread, std::uint64_t esr) {
    const std::uint64_t pc = thread.frame->program_counter;
    trap::handle_fault(
        thread, {.kind = Kind::bus_error, .user = true, .present = true, .address = pc, .pc = pc, .cause = esr});
}

void el1h_64_sync_handler(KernelFrame& frame) {
    constexpr std::uint64_t interrupts_masked = 1u << 7; // SPSR_EL1.I
    const trap::Fault fault =
        decode_fault(READ_REGISTER(esr_el1), READ_REGISTER(far_el1), frame.program_counter, frame.stack_pointer, false);
    if (!(frame.status & interrupts_masked))
        enable_interrupts();
    if (!trap::handle_kernel_fault(fault, frame.program_counter))
        trap::kernel_fault(fault, frame);
    disable_interrupts();
}

void el1h_64_irq_handler(KernelFrame&) {
    handle_interrupt(false);
}

[[noreturn]] void kernel_stack_overflow_handler(KernelFrame& frame) {
    report("kernel stack overflow", frame);
}

[[noreturn]] void unexpected_exception_handler(KernelFrame& frame) {
    report("unexpected exception in the kernel", frame);
}

} // extern "C"

void print_registers(const KernelFrame& frame) {
    std::array<char, 96> line;
    const auto print = [&line](std::size_t used) { klog::write_panic({line.data(), used}); };
    for (std::size_t i = 0; i + 1 < frame.general.size(); i += 2)
        print(format::print(line, "x{} {:x}  x{} {:x}\n", i, frame.general[i], i + 1, frame.general[i + 1]));
    print(format::print(line, "x30 {:x}  sp {:x}\n", frame.general[30], frame.stack_pointer));
    print(format::print(line, "pc {:x}  spsr {:x}\n", frame.program_counter, frame.status));
    print(format::print(line, "esr {:x}  far {:x}\n", READ_REGISTER(esr_el1), READ_REGISTER(far_el1)));
}

// Without frame pointers in the release kernel there is no chain to follow: every word of the stack that points into
// the kernel's text is shown.
void print_backtrace() {
    std::uintptr_t here;
    asm volatile("mov %0, sp" : "=r"(here));
    const std::uintptr_t end = (here | (memory::kernel_stack_size - 1)) + 1;
    unsigned shown = 0;
    for (std::uintptr_t at = here; at < end && shown < 32; at += sizeof(std::uintptr_t)) {
        const std::uintptr_t word = *reinterpret_cast<const std::uintptr_t*>(at);
        if (word < reinterpret_cast<std::uintptr_t>(text_start) || word >= reinterpret_cast<std::uintptr_t>(text_end)
            || word % 4 != 0)
            continue;
        std::array<char, 32> line;
        klog::write_panic({line.data(), format::print(line, "  {:x}\n", word)});
        ++shown;
    }
}

} // namespace arch

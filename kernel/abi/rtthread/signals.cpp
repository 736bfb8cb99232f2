#include "abi/rtthread/signals.hpp"

#include "abi/rtthread/convention.hpp"
#include "abi/rtthread/new_program.hpp"
#include "abi/rtthread/object/thread_object.hpp"
#include "abi/rtthread/signal_info.hpp"
#include "abi/rtthread/support_code.hpp"
#include "abi/rtthread/thread_state.hpp"
#include "lib/log.hpp"
#include "process/fault_signal.hpp"
#include "process/send.hpp"

#include <cstring>
#include <rtthread_isa/address_map.hpp>
#include <rtthread_isa/signal_frame.hpp>
#include <rtthread_isa/start.hpp>

namespace abi::rtthread {
namespace {

using process::Delivery;
using process::Signal;
using process::SignalAction;
using process::SignalSet;
using process::SignalSource;

/// struct signal_ucontext of the newest generation.
struct SignalFrame {
    std::array<std::uint32_t, 2> stub; // the instructions that end the handler
    std::uint64_t mask;
    SignalInfoRecord info;
    alignas(16) isa::RegisterFrame registers;
};
static_assert(offsetof(SignalFrame, info) == 16 && offsetof(SignalFrame, registers) == 144);

/// 5.0.x: the stub, then the registers; the rest is kept by the kernel.
struct OldSignalFrame {
    std::array<std::uint32_t, 2> stub;
    std::uint64_t unused;
    isa::RegisterFrame registers;
};

template <typename Frame>
Result<> push(
    thread::Thread& thread, std::uintptr_t base, const Frame& frame, const SignalAction& action,
    const HandlerArguments& arguments) {
    TRY(memory::copy_out({base}, &frame, sizeof(frame)));
    return isa::enter_handler(*thread.frame, action.handler, base, arguments);
}

Result<> push_newest(thread::Thread& thread, const Delivery& delivery, SignalSet saved_mask) {
    SignalFrame frame;
    std::memset(&frame, 0, sizeof(frame));
    frame.stub = isa::signal_return_code;
    frame.mask = saved_mask.bits;
    frame.info = to_record(delivery.info);
    TRY(isa::save_registers(thread, frame.registers));
    const process::AlternateStack& alternate = thread.member->alternate_stack;
    std::uintptr_t top = thread.frame->stack_pointer;
    if (delivery.action.has(SignalAction::on_alternate_stack) && alternate.bytes != 0 && !alternate.contains(top))
        top = alternate.base + alternate.bytes;
    const std::uintptr_t base = align_down(top - sizeof(frame), 16);
    return push(
        thread, base, frame, delivery.action,
        {.signal = static_cast<std::uint64_t>(delivery.info.signal),
         .info = base + offsetof(SignalFrame, info),
         .registers = base + offsetof(SignalFrame, registers),
         .return_code = thread.process->support_code + signal_return_offset});
}

Result<> push_5_0(thread::Thread& thread, const Delivery& delivery, SignalSet saved_mask) {
    ThreadState& state = state_of(thread);
    OldSignalFrame frame;
    std::memset(&frame, 0, sizeof(frame));
    frame.stub = isa::signal_return_code_5_0;
    TRY(isa::save_registers(thread, frame.registers));
    state.in_handler = true;
    state.interrupted_pc = thread.frame->program_counter;
    state.interrupted_sp = thread.frame->stack_pointer;
    state.interrupted_mask = saved_mask.bits;
    const std::uintptr_t base = align_down(thread.frame->stack_pointer - sizeof(frame), 16);
    return push(
        thread, base, frame, delivery.action,
        {.signal = static_cast<std::uint64_t>(delivery.info.signal),
         .info = 0,
         .registers = 0,
         .return_code = thread.process->support_code + signal_return_5_0_offset});
}

/// The frame cannot be written or read.
void fail_delivery(thread::Thread& thread, Signal signal) {
    state_of(thread).in_handler = false;
    if (signal == Signal::segmentation) // its own handler cannot run: it ends
        process::set_action(*thread.process, signal, {});
    process::force(thread, {.signal = Signal::segmentation});
}

void enter_handler(thread::Thread& thread, const Delivery& delivery, SignalSet saved_mask) {
    const bool newest = generation_of(thread) == Generation::newest;
    if (!(newest ? push_newest(thread, delivery, saved_mask) : push_5_0(thread, delivery, saved_mask)))
        return fail_delivery(thread, delivery.info.signal);
    SignalSet mask = thread.member->mask | delivery.action.mask;
    if (!delivery.action.has(SignalAction::not_deferred))
        mask.add(delivery.info.signal);
    if (!newest) // one handler at a time
        mask = SignalSet::all();
    process::set_mask(thread, mask - process::unblockable);
}

void make_call_again(thread::Thread& thread) {
    thread.frame->program_counter -= isa::trap_instruction_bytes;
}

/// A handler runs: does the interrupted call end with EINTR, or is it made again afterwards? 5.0.x has no SA_RESTART.
void settle_call(thread::Thread& thread, ThreadState& state, const SignalAction& action) {
    const bool timed = state.deadline.has_value();
    state.deadline.reset();
    if (timed || generation_of(thread) == Generation::v5_0 || !action.has(SignalAction::restart_calls))
        Convention::set_error(thread, *thread.frame, Error::interrupted);
    else
        make_call_again(thread);
}

/// A thread that thread_create() made waits here for its start. False: something else is to be done first.
bool wait_for_start(thread::Thread& thread, ThreadState& state) {
    // Set for this alone: work_signal comes and goes with the process's signals.
    thread.work.fetch_and(~std::uint32_t{thread::work_restore_mask});
    if (!state.object->wait_for_start()) {
        thread.work.fetch_or(thread::work_restore_mask); // back here when that is done
        return false;
    }
    state.parked = false;
    process::set_mask(thread, state.object->mask);
    return true;
}

} // namespace

void before_return(thread::Thread& thread) {
    ThreadState& state = state_of(thread);
    if (state.new_program)
        return become_new_program(thread);
    if (state.parked && !wait_for_start(thread, state))
        return;
    const bool restart = std::exchange(state.restart_requested, false);
    const std::uint32_t work = thread.work.fetch_and(~std::uint32_t{thread::work_restore_mask});
    const bool temporary_mask = (work & thread::work_restore_mask) != 0;
    const Delivery delivery = process::take_delivery(thread);
    if (delivery) {
        if (restart)
            settle_call(thread, state, delivery.action);
        return enter_handler(thread, delivery, temporary_mask ? thread.member->saved_mask : thread.member->mask);
    }
    if (restart)
        make_call_again(thread);
    if (temporary_mask)
        process::set_mask(thread, thread.member->saved_mask);
}

void arch_signal_quit(thread::Thread& thread) {
    ThreadState& state = state_of(thread);
    const std::uintptr_t base = thread.frame->stack_pointer;
    if (generation_of(thread) == Generation::newest) {
        SignalFrame frame;
        if (base % 16 != 0 || !memory::copy_in(&frame, {base}, sizeof(frame))
            || !isa::restore_registers(thread, frame.registers))
            return fail_delivery(thread, Signal::none);
        process::set_mask(thread, {frame.mask});
        return;
    }
    OldSignalFrame frame;
    if (!state.in_handler || !memory::copy_in(&frame, {base}, sizeof(frame))
        || !isa::restore_registers(thread, frame.registers))
        return fail_delivery(thread, Signal::none);
    state.in_handler = false;
    thread.frame->program_counter = state.interrupted_pc;
    thread.frame->stack_pointer = state.interrupted_sp;
    process::set_mask(thread, {state.interrupted_mask});
}

namespace {

/// What the original prints on its console before it ends a process.
void report_crash(const thread::Thread& thread, const trap::Fault& fault, Signal signal) {
    const arch::UserFrame& frame = *thread.frame;
    klog::warning(
        "process {} ({}): signal {} at pc {:x}, address {:x}, cause {:x}, sp {:x}", thread.process->id,
        std::string_view(thread.name), signal, fault.pc, fault.address, fault.cause, frame.stack_pointer);
    constexpr std::size_t columns = 4;
    for (std::size_t i = 0; i < isa::register_count; i += columns) {
        std::array<char, 128> line;
        std::size_t used = 0;
        for (std::size_t n = i; n < i + columns && n < isa::register_count; ++n)
            used += format::print(
                std::span(line).subspan(used), "  {}{}={:x}", std::string_view(&isa::register_letter, 1), n,
                isa::register_value(frame, n));
        klog::warning("{}", std::string_view(line.data(), used));
    }
}

} // namespace

void handle_fault(thread::Thread& thread, const trap::Fault& fault) {
    const auto signal = process::signal_of_fault(thread, fault);
    if (!signal)
        return;
    if (thread.process->actions->get(signal->signal).kind != SignalAction::Kind::handler
        || thread.member->mask.contains(signal->signal))
        report_crash(thread, fault, signal->signal);
    process::force(thread, *signal);
}

} // namespace abi::rtthread

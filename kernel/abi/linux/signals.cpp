#include "abi/linux/signals.hpp"

#include "abi/linux/convention.hpp"
#include "abi/linux/thread_state.hpp"
#include "lib/log.hpp"
#include "process/fault_signal.hpp"
#include "process/send.hpp"

#include <linux/signal.h>
#include <linux_isa/signal_frame.hpp>

namespace abi::linux {
namespace {

using process::AlternateStack;
using process::ChildEvent;
using process::Delivery;
using process::FaultCode;
using process::Signal;
using process::SignalAction;
using process::SignalInfo;
using process::SignalSet;
using process::SignalSource;

constexpr std::uint64_t ns_per_tick = 10'000'000; // USER_HZ is 100

int child_code(ChildEvent event) {
    switch (event) {
    case ChildEvent::exited:
        return CLD_EXITED;
    case ChildEvent::killed:
        return CLD_KILLED;
    case ChildEvent::dumped:
        return CLD_DUMPED;
    case ChildEvent::trapped:
        return CLD_TRAPPED;
    case ChildEvent::stopped:
        return CLD_STOPPED;
    case ChildEvent::continued:
        return CLD_CONTINUED;
    }
    return 0;
}

int fault_code(FaultCode fault) {
    switch (fault) {
    case FaultCode::none:
        return SI_KERNEL;
    case FaultCode::not_mapped:
        return SEGV_MAPERR;
    case FaultCode::no_right:
        return SEGV_ACCERR;
    case FaultCode::misaligned:
        return BUS_ADRALN;
    case FaultCode::no_object:
        return BUS_ADRERR;
    case FaultCode::illegal_opcode:
        return ILL_ILLOPC;
    case FaultCode::privileged_opcode:
        return ILL_PRVOPC;
    case FaultCode::integer_divide:
        return FPE_INTDIV;
    case FaultCode::integer_overflow:
        return FPE_INTOVF;
    case FaultCode::float_unknown:
        return FPE_FLTUNK;
    case FaultCode::breakpoint:
        return TRAP_BRKPT;
    case FaultCode::trace:
        return TRAP_TRACE;
    }
    return SI_KERNEL;
}

} // namespace

siginfo_t to_siginfo(const SignalInfo& info) {
    siginfo_t out;
    std::memset(&out, 0, sizeof(out));
    out.si_signo = static_cast<int>(info.signal);
    switch (info.source) {
    case SignalSource::kernel:
        out.si_code = SI_KERNEL;
        break;
    case SignalSource::timer:
        out.si_code = SI_TIMER;
        out.si_tid = info.status;
        out.si_overrun = info.code;
        std::memcpy(&out.si_value, &info.value, sizeof(info.value));
        break;
    case SignalSource::user:
    case SignalSource::thread:
        out.si_code = info.source == SignalSource::user ? SI_USER : SI_TKILL;
        out.si_pid = info.sender;
        out.si_uid = info.user;
        break;
    case SignalSource::queued:
        out.si_code = info.code;
        out.si_pid = info.sender;
        out.si_uid = info.user;
        std::memcpy(&out.si_value, &info.value, sizeof(info.value));
        break;
    case SignalSource::child:
        out.si_code = child_code(info.child);
        out.si_pid = info.sender;
        out.si_uid = info.user;
        out.si_status = info.child == process::ChildEvent::exited ? info.status & 0xff : info.status;
        out.si_utime = static_cast<__kernel_clock_t>(info.user_time / ns_per_tick);
        out.si_stime = static_cast<__kernel_clock_t>(info.system_time / ns_per_tick);
        break;
    case SignalSource::fault:
        out.si_code = fault_code(info.fault);
        std::memcpy(static_cast<void*>(&out.si_addr), &info.address, sizeof(info.address));
        break;
    }
    return out;
}

stack_t to_stack(const AlternateStack& stack, std::uintptr_t stack_pointer) {
    int flags = stack.disarm_on_use ? static_cast<int>(SS_AUTODISARM) : 0;
    if (stack.bytes == 0)
        flags |= SS_DISABLE;
    else if (!stack.disarm_on_use && stack.contains(stack_pointer))
        flags |= SS_ONSTACK;
    stack_t out;
    std::memset(&out, 0, sizeof(out));
    std::memcpy(static_cast<void*>(&out.ss_sp), &stack.base, sizeof(stack.base));
    out.ss_flags = flags;
    out.ss_size = stack.bytes;
    return out;
}

namespace {

/// What the frame goes below.
std::uintptr_t choose_stack(thread::Thread& thread, const SignalAction& action) {
    const std::uintptr_t now = thread.frame->stack_pointer;
    const AlternateStack& alternate = thread.member->alternate_stack;
    const bool inside = !alternate.disarm_on_use && alternate.contains(now);
    if (action.has(SignalAction::on_alternate_stack) && alternate.bytes != 0 && !inside)
        return alternate.base + alternate.bytes;
    return now - isa::red_zone;
}

/// Blocks what the action wants blocked while its handler runs.
void block_for_handler(thread::Thread& thread, const Delivery& delivery) {
    SignalSet mask = thread.member->mask | delivery.action.mask;
    if (!delivery.action.has(SignalAction::not_deferred))
        mask.add(delivery.info.signal);
    process::set_mask(thread, mask);
}

/// There is no stack to run a handler on: the program cannot go on (a SIGSEGV whose own handler is the problem kills).
void fail_delivery(thread::Thread& thread, Signal signal) {
    if (signal == Signal::segmentation)
        process::set_action(*thread.process, signal, {});
    process::force(thread, {.signal = Signal::segmentation});
}

void enter_handler(thread::Thread& thread, const Delivery& delivery, SignalSet saved_mask) {
    ThreadState& state = state_of(thread);
    AlternateStack& alternate = thread.member->alternate_stack;
    const bool faulted = delivery.info.source == SignalSource::fault;
    const SignalAction& action = delivery.action;
    const SignalFrameInput input{
        .stack_top = choose_stack(thread, action),
        .info = to_siginfo(delivery.info),
        .mask = saved_mask.bits,
        .alternate = to_stack(alternate, thread.frame->stack_pointer),
        .handler = action.handler,
        .restorer = action.has(SignalAction::has_restorer) ? action.restorer : thread.process->support_code,
        .with_info = action.has(SignalAction::with_info),
        .fault_address = faulted ? state.fault_address : 0,
        .fault_cause = faulted ? state.fault_cause : 0,
    };
    if (!isa::push_signal_frame(thread, input))
        return fail_delivery(thread, delivery.info.signal);
    if (alternate.disarm_on_use)
        alternate = {};
    block_for_handler(thread, delivery);
}

/// The call that a signal interrupted will be made again when the thread returns to user mode.
void make_call_again(thread::Thread& thread) {
    thread.frame->program_counter -= isa::trap_instruction_bytes;
}

/// A handler runs: does the interrupted call end with EINTR, or is it made again afterwards?
void settle_call(thread::Thread& thread, ThreadState& state, bool unless_handled, const SignalAction& action) {
    const bool timed = state.deadline.has_value();
    state.deadline.reset();
    if (timed || unless_handled || !action.has(SignalAction::restart_calls))
        Convention::set_error(thread, *thread.frame, Error::interrupted);
    else
        make_call_again(thread);
}

} // namespace

void before_return(thread::Thread& thread) {
    ThreadState& state = state_of(thread);
    const bool restart = std::exchange(state.restart_requested, false);
    const bool unless_handled = std::exchange(state.restart_unless_handled, false);
    const std::uint32_t work = thread.work.fetch_and(~std::uint32_t{thread::work_restore_mask});
    const bool temporary_mask = (work & thread::work_restore_mask) != 0;

    const Delivery delivery = process::take_delivery(thread);
    if (delivery) {
        if (restart)
            settle_call(thread, state, unless_handled, delivery.action);
        enter_handler(thread, delivery, temporary_mask ? thread.member->saved_mask : thread.member->mask);
        return;
    }
    if (restart)
        make_call_again(thread);
    if (temporary_mask)
        process::set_mask(thread, thread.member->saved_mask);
}

void return_from_handler(thread::Thread& thread) {
    const auto output = isa::pop_signal_frame(thread);
    if (!output)
        return fail_delivery(thread, Signal::none);
    process::set_mask(thread, {output->mask});
    // The handler may have changed uc_stack; what is not a stack is left alone.
    const stack_t& stack = output->alternate;
    AlternateStack& alternate = thread.member->alternate_stack;
    if (alternate.contains(thread.frame->stack_pointer) && !alternate.disarm_on_use)
        return;
    if (stack.ss_flags & SS_DISABLE)
        alternate = {};
    else if (stack.ss_size >= MINSIGSTKSZ)
        alternate = {
            .base = reinterpret_cast<std::uintptr_t>(stack.ss_sp),
            .bytes = stack.ss_size,
            .disarm_on_use = (static_cast<unsigned>(stack.ss_flags) & SS_AUTODISARM) != 0,
        };
}

void handle_fault(thread::Thread& thread, const trap::Fault& fault) {
    const auto signal = process::signal_of_fault(thread, fault);
    if (!signal)
        return;
    ThreadState& state = state_of(thread);
    state.fault_address = fault.address;
    state.fault_cause = fault.cause;
    klog::info(
        "process {} ({}): signal {} at pc {:x}, address {:x}, cause {:x}", thread.process->id,
        std::string_view(thread.name), signal->signal, fault.pc, fault.address, fault.cause);
    process::force(thread, *signal);
}

} // namespace abi::linux

#include "abi/sel4/object/interrupt.hpp"

#include "abi/sel4/calls/fastpath.hpp"
#include "abi/sel4/object/cspace.hpp"
#include "abi/sel4/object/delete.hpp"
#include "abi/sel4/object/derivation.hpp"
#include "abi/sel4/object/endpoint.hpp"
#include "abi/sel4/object/irq_request.hpp"
#include "abi/sel4/schedule.hpp"
#include "device/interrupt_controller.hpp"
#include "thread/cpu.hpp"

#include <arch/cpu.hpp>
#include <array>

namespace abi::sel4 {
namespace {

/// A handler's number and who has it. One system has an interrupt at a time.
struct Line {
    Slot notification; // what it signals
    System* system = nullptr;
    device::Irq irq = 0;
    device::Trigger trigger = device::Trigger::level_high;
    isa::IrqRequest::Source source{};
    thread::Cpu* cpu = nullptr;          // that it interrupts
    bool masked = false, raised = false; // of a software interrupt, which no controller keeps
};
using Source = isa::IrqRequest::Source;
constexpr unsigned line_count = 1024;
constinit std::array<Line, line_count> lines GUARDED_BY(lock){};

Line& line_of(const Capability& handler) REQUIRES(lock) {
    return lines[handler.words[1]];
}

void mask(Line& line) {
    if (line.source == Source::line)
        device::interrupt_controller().disable(line.irq);
    line.masked = true;
}

/// The interrupt stays masked until its handler acknowledges it.
void signal(Line& line) REQUIRES(lock) {
    mask(line);
    const Capability& cap = line.notification.cap;
    if (cap.is(CapType::notification) && endpoint::may(cap, right_write))
        send_signal(*cap.object<Notification>(), endpoint::badge(cap));
}

void deliver(void* context, device::Irq) {
    const HandlerLockGuard guard;
    Line& line = *static_cast<Line*>(context);
    const Capability& cap = line.notification.cap;
    if (cap.is(CapType::notification) && endpoint::may(cap, right_write) && fastpath_interrupt(cap))
        return mask(line);
    current_call = {};
    signal(line);
}

Outcome attach(Line& line) REQUIRES(lock) {
    const device::InterruptHandler handler{deliver, &line};
    Result<> attached;
    if (line.source == Source::message)
        attached = device::attach_message_interrupt(line.irq, handler);
    else if (line.source == Source::line)
        attached = device::attach_interrupt(line.irq, line.trigger, handler, *line.cpu);
    if (attached)
        return {};
    if (attached.error() == Error::busy)
        return failure(ErrorCode::revoke_first);
    return range_error(0, line_count - 1);
}

void acknowledge(Line& line) REQUIRES(lock) {
    line.masked = false;
    if (line.source == Source::line) // it was there when the handler was made
        static_cast<void>(device::interrupt_controller().enable(line.irq, line.trigger, *line.cpu));
    if (std::exchange(line.raised, false))
        signal(line);
}

Outcome set_notification(Invocation& invocation, Line& line) REQUIRES(lock) {
    Slot* source = invocation.extra[0];
    if (!source)
        return truncated_message();
    if (!source->cap.is(CapType::notification) || !endpoint::may(source->cap, right_write))
        return invalid_capability(0);
    const Capability cap = source->cap;
    delete_one(invocation.system, line.notification);
    insert_derived(cap, *source, line.notification);
    return {};
}

void release(Line& line) REQUIRES(lock) {
    if (line.source != Source::software)
        device::detach_interrupt(line.irq);
    line.system = nullptr;
}

} // namespace

Outcome decode_irq_control_invocation(Invocation& invocation) {
    if (const auto done = isa::decode_irq_control_method(invocation))
        return *done;
    const isa::IrqRequest request = TRY(isa::decode_irq_request(invocation));
    if (request.number >= line_count)
        return range_error(0, line_count - 1);
    Line& line = lines[request.number];
    if (line.system || isa::is_kernel_line(request))
        return failure(ErrorCode::revoke_first);
    Slot* target = TRY(lookup_slot_for_cnode_op(false, invocation.extra[0]->cap, request.index, request.depth));
    TRY(ensure_empty(*target));

    line = {
        .notification = {},
        .system = nullptr,
        .irq = request.line,
        .trigger = request.trigger,
        .source = request.source,
        .cpu = request.core ? &thread::cpu(*request.core) : &arch::current_cpu(),
    };
    TRY(attach(line));
    line.system = &invocation.system;
    insert_derived(Capability::make(CapType::irq_handler, {}, request.number), invocation.slot, *target);
    return {};
}

Outcome decode_irq_handler_invocation(Invocation& invocation) {
    Line& line = line_of(invocation.cap());
    switch (invocation.label) {
    case Label::irq_ack:
        acknowledge(line);
        return {};
    case Label::irq_set_handler:
        return set_notification(invocation, line);
    case Label::irq_clear_handler:
        delete_one(invocation.system, line.notification);
        return {};
    default:
        return illegal_operation();
    }
}

void raise_software_interrupt(System& system, unsigned number) {
    Line& line = lines[number];
    if (line.system != &system || line.source != Source::software)
        return;
    if (line.masked)
        line.raised = true;
    else
        signal(line);
}

void finalise_irq_handler(System& system, const Capability& cap) {
    Line& line = line_of(cap);
    delete_one(system, line.notification);
    release(line);
}

void release_interrupts(System& system) {
    for (Line& line : lines) {
        if (line.system != &system)
            continue;
        if (!line.notification.empty())
            unlink_slot(line.notification);
        release(line);
    }
}

} // namespace abi::sel4

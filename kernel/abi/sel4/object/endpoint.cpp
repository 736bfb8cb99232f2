#include "abi/sel4/object/endpoint.hpp"

#include "abi/sel4/object/tcb.hpp"
#include "abi/sel4/object/transfer.hpp"
#include "abi/sel4/schedule.hpp"

namespace abi::sel4 {
namespace {

void wait_in(Endpoint& endpoint, Endpoint::State as, Tcb& tcb, ThreadState state) REQUIRES(lock) {
    tcb.endpoint = &endpoint;
    if (tcb.fault.kind == Fault::Kind::none)
        tcb.rewind = isa::syscall_length;
    else
        tcb.rewind = 0;
    set_thread_state(tcb, state);
    endpoint.queue.append(tcb);
    endpoint.queue.set_state(as);
}

/// Takes the first waiter out.
Tcb& take_first(Endpoint& endpoint) REQUIRES(lock) {
    Tcb& first = *endpoint.queue.head();
    endpoint.queue.remove(first);
    return first;
}

/// A queued thread is thrown out and makes its call again.
void restart_waiter(TcbQueue& queue, Tcb& tcb) REQUIRES(lock) {
    queue.remove(tcb);
    set_pc(tcb, restart_pc(tcb));
    tcb.fault.kind = Fault::Kind::none;
    tcb.endpoint = nullptr;
    set_thread_state(tcb, ThreadState::restart);
    make_ready(tcb);
}

/// A call that nobody may answer: the caller stops, and would make it again.
void stop_unanswered(Tcb& sender) REQUIRES(lock) {
    if (sender.blocked())
        set_pc(sender, restart_pc(sender));
    else if (sender.fault.kind == Fault::Kind::none)
        sender.frame().program_counter -= isa::syscall_length;
    sender.fault.kind = Fault::Kind::none;
    set_thread_state(sender, ThreadState::inactive);
}

} // namespace

void send_ipc(Tcb& sender, Endpoint& endpoint, Word badge, SendMode mode) {
    if (endpoint.queue.state() != Endpoint::receiving) {
        if (!mode.blocking)
            return;
        sender.badge = badge;
        sender.may_grant = mode.may_grant;
        sender.may_grant_reply = mode.may_grant_reply;
        sender.is_call = mode.call;
        return wait_in(endpoint, Endpoint::sending, sender, ThreadState::blocked_on_send);
    }
    Tcb& receiver = take_first(endpoint);
    const bool receiver_may_grant = receiver.may_grant;
    do_ipc_transfer(sender, &endpoint, badge, mode.may_grant, receiver);
    set_thread_state(receiver, ThreadState::running);
    possible_switch_to(receiver);
    if (!mode.call)
        return;
    if (mode.may_grant || mode.may_grant_reply) {
        sender.rewind = sender.fault.kind == Fault::Kind::none ? isa::syscall_length : 0;
        set_up_caller_cap(sender, receiver, receiver_may_grant);
    } else {
        stop_unanswered(sender);
    }
}

void receive_ipc(Tcb& receiver, const Capability& cap, bool blocking) {
    Endpoint& endpoint = *cap.object<Endpoint>();
    const bool may_grant = endpoint::may(cap, right_grant);
    if (Notification* const bound = receiver.bound_notification;
        bound && bound->queue.state() == Notification::active) {
        receiver.reg(isa::cap_register) = bound->badge;
        return bound->queue.set_state(Notification::idle);
    }
    if (endpoint.queue.state() != Endpoint::sending) {
        if (!blocking) {
            receiver.reg(isa::cap_register) = 0;
            return;
        }
        receiver.may_grant = may_grant;
        return wait_in(endpoint, Endpoint::receiving, receiver, ThreadState::blocked_on_receive);
    }
    Tcb& sender = take_first(endpoint);
    do_ipc_transfer(sender, &endpoint, sender.badge, sender.may_grant, receiver);
    if (!sender.is_call) {
        set_thread_state(sender, ThreadState::running);
        possible_switch_to(sender);
    } else if (sender.may_grant || sender.may_grant_reply) {
        set_up_caller_cap(sender, receiver, may_grant);
    } else {
        stop_unanswered(sender);
    }
}

void cancel_all_ipc(Endpoint& endpoint) {
    while (Tcb* const tcb = endpoint.queue.head())
        restart_waiter(endpoint.queue, *tcb);
    reschedule_required();
}

void cancel_badged_sends(Endpoint& endpoint, Word badge) {
    if (endpoint.queue.state() != Endpoint::sending)
        return;
    for (Tcb* tcb = endpoint.queue.head(); tcb;) {
        Tcb* const next = tcb->queue_next;
        if (tcb->badge == badge)
            restart_waiter(endpoint.queue, *tcb);
        tcb = next;
    }
    reschedule_required();
}

void send_signal(Notification& notification, Word badge) {
    switch (notification.queue.state()) {
    case Notification::waiting: {
        Tcb& waiter = *notification.queue.head();
        notification.queue.remove(waiter);
        waiter.reg(isa::cap_register) = badge;
        set_thread_state(waiter, ThreadState::running);
        return possible_switch_to(waiter);
    }
    case Notification::active:
        notification.badge |= badge;
        return;
    default:
        if (Tcb* const bound = notification.bound; bound && bound->state == ThreadState::blocked_on_receive) {
            cancel_ipc(*bound);
            bound->reg(isa::cap_register) = badge;
            set_thread_state(*bound, ThreadState::running);
            return possible_switch_to(*bound);
        }
        notification.badge = badge;
        notification.queue.set_state(Notification::active);
    }
}

void receive_signal(Tcb& receiver, const Capability& cap, bool blocking) {
    Notification& notification = *cap.object<Notification>();
    if (notification.queue.state() == Notification::active) {
        receiver.reg(isa::cap_register) = notification.badge;
        return notification.queue.set_state(Notification::idle);
    }
    if (!blocking) {
        receiver.reg(isa::cap_register) = 0;
        return;
    }
    receiver.waiting_on = &notification;
    receiver.rewind = isa::syscall_length;
    set_thread_state(receiver, ThreadState::blocked_on_notification);
    notification.queue.append(receiver);
    notification.queue.set_state(Notification::waiting);
}

void cancel_all_signals(Notification& notification) {
    if (notification.queue.state() != Notification::waiting)
        return;
    while (Tcb* const tcb = notification.queue.head())
        restart_waiter(notification.queue, *tcb);
    reschedule_required();
}

void bind_notification(Tcb& tcb, Notification& notification) {
    notification.bound = &tcb;
    tcb.bound_notification = &notification;
}

void unbind_notification(Tcb& tcb) {
    if (tcb.bound_notification)
        std::exchange(tcb.bound_notification, nullptr)->bound = nullptr;
}

} // namespace abi::sel4

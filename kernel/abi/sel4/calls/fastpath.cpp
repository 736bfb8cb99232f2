#include "abi/sel4/calls/fastpath.hpp"

#include "abi/sel4/calls/fastpath_parts.hpp"
#include "abi/sel4/calls/syscall.hpp"
#include "abi/sel4/user_fault.hpp"

namespace abi::sel4 {

using namespace fastpath;

void fastpath_call(Tcb& caller) {
    const MessageInfo info{caller.reg(isa::info_register)};
    Capability cap;
    Tcb* server;
    thread::Cpu& cpu = arch::current_cpu();
    if (!is_short(info) || !find_server(caller, caller.reg(isa::cap_register), cap, server)
        || !may_run_next(cpu, *server)) [[unlikely]]
        return slowpath(caller, sys_call);

    take_head(cap.object<Endpoint>()->queue, *server);
    let_answer(caller, *server);
    caller.rewind = isa::syscall_length;
    transfer(caller, *server, info, endpoint::badge(cap));
    switch_to(cpu, caller, *server);
}

void fastpath_vm_fault(Tcb& caller, const Fault& fault) {
    Capability cap;
    Tcb* handler;
    thread::Cpu& cpu = arch::current_cpu();
    if (!find_server(caller, caller.fault_handler, cap, handler) || !may_run_next(cpu, *handler)) [[unlikely]]
        return slow_fault(caller, fault);

    take_head(cap.object<Endpoint>()->queue, *handler);
    let_answer(caller, *handler);
    caller.rewind = 0;
    caller.fault.kind = Fault::Kind::vm; // its words are with the handler
    const auto& [word0, word1, word2, word3] = isa::message_registers;
    handler->reg(word0) = caller.frame().program_counter;
    handler->reg(word1) = fault.words[0];
    handler->reg(word2) = fault.words[2];
    handler->reg(word3) = fault.words[1];
    handler->reg(isa::info_register) = MessageInfo::make(static_cast<Word>(Fault::Kind::vm), 0, 0, 4).word;
    handler->reg(isa::cap_register) = endpoint::badge(cap);
    switch_to(cpu, caller, *handler);
}

void fastpath_reply_recv(Tcb& caller) {
    const MessageInfo info{caller.reg(isa::info_register)};
    Slot* slot;
    if (!is_short(info) || !find_slot(caller, caller.reg(isa::cap_register), slot)) [[unlikely]]
        return slowpath(caller, sys_reply_recv);
    const Capability cap = slot->cap;
    if (!cap.is(CapType::endpoint) || !endpoint::may(cap, right_read)) [[unlikely]]
        return slowpath(caller, sys_reply_recv);
    Endpoint& endpoint = *cap.object<Endpoint>();
    const Notification* const bound = caller.bound_notification;
    if (endpoint.queue.state() == Endpoint::sending || (bound && bound->queue.state() == Notification::active))
        [[unlikely]]
        return slowpath(caller, sys_reply_recv);
    Slot& answer = caller.slots[slot_caller];
    if (!answer.cap.is(CapType::reply)) [[unlikely]]
        return slowpath(caller, sys_reply_recv);
    Tcb& client = *answer.cap.object<Tcb>();
    thread::Cpu& cpu = arch::current_cpu();
    if (client.fault.kind != Fault::Kind::none || !may_run_next(cpu, client)) [[unlikely]]
        return slowpath(caller, sys_reply_recv);

    client.slots[slot_reply].set_next(nullptr);
    answer = {};
    caller.state = ThreadState::blocked_on_receive;
    caller.thread.state.store(thread::State::blocked, std::memory_order_relaxed);
    caller.rewind = isa::syscall_length;
    caller.endpoint = &endpoint;
    caller.may_grant = endpoint::may(cap, right_grant);
    endpoint.queue.append(caller);
    endpoint.queue.set_state(Endpoint::receiving);
    transfer(caller, client, info, 0);
    switch_to(cpu, caller, client);
}

void fastpath_send(Tcb& caller) {
    const MessageInfo info{caller.reg(isa::info_register)};
    Slot* slot;
    if (!is_short(info) || !find_slot(caller, caller.reg(isa::cap_register), slot)) [[unlikely]]
        return slowpath(caller, sys_send);
    const Capability cap = slot->cap;
    // An endpoint and a notification begin with a queue, and what waits in the one is like what waits in the other.
    const bool is_endpoint = cap.is(CapType::endpoint);
    if ((!is_endpoint && !cap.is(CapType::notification)) || !endpoint::may(cap, right_write)) [[unlikely]]
        return slowpath(caller, sys_send);
    TcbQueue& queue = *cap.object<TcbQueue>();
    if (queue.state() != (is_endpoint ? unsigned{Endpoint::receiving} : unsigned{Notification::waiting})) [[unlikely]]
        return slowpath(caller, sys_send);
    Tcb& receiver = *queue.head();
    thread::Cpu& cpu = arch::current_cpu();
    if (receiver.thread.priority <= caller.thread.priority || !may_run_next(cpu, receiver)) [[unlikely]]
        return slowpath(caller, sys_send);

    take_head(queue, receiver);
    if (is_endpoint)
        transfer(caller, receiver, info, endpoint::badge(cap));
    else
        receiver.reg(isa::cap_register) = endpoint::badge(cap);
    thread::leave_ready(cpu, caller.thread);
    switch_to(cpu, caller, receiver);
}

bool fastpath_interrupt(const Capability& notification) {
    TcbQueue& queue = notification.object<Notification>()->queue;
    thread::Cpu& cpu = arch::current_cpu();
    thread::Thread& interrupted = *cpu.current;
    if (!interrupted.stackless || queue.state() != Notification::waiting) [[unlikely]]
        return false;
    Tcb& waiter = *queue.head();
    if (waiter.thread.priority <= interrupted.priority || !may_run_next(cpu, waiter)) [[unlikely]]
        return false;

    take_head(queue, waiter);
    waiter.reg(isa::cap_register) = endpoint::badge(notification);
    thread::leave_ready(cpu, interrupted);
    make_current(cpu, interrupted, waiter);
    return true;
}

void fastpath_yield(Tcb& caller) {
    thread::Cpu& cpu = arch::current_cpu();
    thread::Thread* const equal = thread::go_behind_equals(cpu, caller.thread, [](thread::Thread& first) {
        return Tcb::of(first).vspace_root.load(std::memory_order_relaxed) != 0;
    });
    if (!equal) [[unlikely]]
        return slowpath(caller, sys_yield);
    switch_to(cpu, caller, Tcb::of(*equal));
}

} // namespace abi::sel4

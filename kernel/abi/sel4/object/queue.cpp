#include "abi/sel4/object/endpoint.hpp"
#include "abi/sel4/object/tcb.hpp"

namespace abi::sel4 {

void TcbQueue::append(Tcb& tcb) {
    tcb.queue_next = nullptr;
    tcb.queue_previous = tail;
    if (tail)
        tail->queue_next = &tcb;
    else
        set_head(&tcb);
    tail = &tcb;
}

void TcbQueue::remove(Tcb& tcb) {
    if (tcb.queue_previous)
        tcb.queue_previous->queue_next = tcb.queue_next;
    else
        set_head(tcb.queue_next);
    if (tcb.queue_next)
        tcb.queue_next->queue_previous = tcb.queue_previous;
    else
        tail = tcb.queue_previous;
    tcb.queue_next = tcb.queue_previous = nullptr;
    if (!tail)
        set_state(0); // idle
}

} // namespace abi::sel4

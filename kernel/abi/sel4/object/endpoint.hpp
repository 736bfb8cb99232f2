#pragma once
// Endpoints and notifications: where threads meet. seL4 manual 4.2 and 5.

#include "abi/sel4/lock.hpp"
#include "abi/sel4/object/capability.hpp"

namespace abi::sel4 {

struct Tcb;

/// A queue of TCBs through queue_next/queue_previous; the two low bits of the first word tell what they wait for.
struct TcbQueue {
    std::uintptr_t head_and_state = 0;
    Tcb* tail = nullptr;

    Tcb* head() const { return reinterpret_cast<Tcb*>(head_and_state & ~std::uintptr_t{3}); }
    void set_head(Tcb* to) { head_and_state = reinterpret_cast<std::uintptr_t>(to) | (head_and_state & 3); }
    unsigned state() const { return static_cast<unsigned>(head_and_state & 3); }
    void set_state(unsigned to) { head_and_state = (head_and_state & ~std::uintptr_t{3}) | to; }

    void append(Tcb& tcb);
    void remove(Tcb& tcb);
};

struct Endpoint {
    enum State : unsigned { idle, sending, receiving };
    TcbQueue queue;
};
static_assert(sizeof(Endpoint) == 16);

struct Notification {
    enum State : unsigned { idle, waiting, active };
    TcbQueue queue;
    Word badge = 0; // when active
    Tcb* bound = nullptr;
};
static_assert(sizeof(Notification) == 32);

/// One sender's operation on an endpoint.
struct SendMode {
    bool blocking, call;
    bool may_grant, may_grant_reply;
};
void send_ipc(Tcb& sender, Endpoint& endpoint, Word badge, SendMode mode) REQUIRES(lock);
void receive_ipc(Tcb& receiver, const Capability& cap, bool blocking) REQUIRES(lock);
/// Everybody who waits is restarted.
void cancel_all_ipc(Endpoint& endpoint) REQUIRES(lock);
/// Those who send with this badge are restarted.
void cancel_badged_sends(Endpoint& endpoint, Word badge) REQUIRES(lock);

/// Also from interrupt handlers, with the lock taken.
void send_signal(Notification& notification, Word badge) REQUIRES(lock);
void receive_signal(Tcb& receiver, const Capability& cap, bool blocking) REQUIRES(lock);
void cancel_all_signals(Notification& notification) REQUIRES(lock);
void bind_notification(Tcb& tcb, Notification& notification) REQUIRES(lock);
void unbind_notification(Tcb& tcb) REQUIRES(lock);

} // namespace abi::sel4

#include "abi/sel4/fault.hpp"

#include "abi/sel4/object/cspace.hpp"
#include "abi/sel4/object/endpoint.hpp"
#include "abi/sel4/object/isa_objects.hpp"
#include "abi/sel4/object/tcb.hpp"
#include "abi/sel4/schedule.hpp"
#include "lib/log.hpp"

namespace abi::sel4 {

void handle_fault(Tcb& tcb, const Fault& fault) {
    tcb.fault = fault;
    const auto slot = lookup_slot(tcb, tcb.fault_handler);
    if (slot) {
        const Capability& cap = (*slot)->cap;
        const bool may_reply = cap.is(CapType::endpoint) && endpoint::rights(cap) & (right_grant | right_grant_reply);
        if (may_reply && endpoint::may(cap, right_write))
            return send_ipc(
                tcb, *cap.object<Endpoint>(), endpoint::badge(cap),
                {.blocking = true,
                 .call = true,
                 .may_grant = endpoint::may(cap, right_grant),
                 .may_grant_reply = endpoint::may(cap, right_grant_reply)});
    }
    // Nobody to tell: the thread stops.
    klog::info(
        "seL4: thread {} ({}) has no fault handler: fault {} at pc {:x}, {:x} {:x}", tcb.thread.id, tcb.thread.name,
        fault.kind, tcb.frame().program_counter, fault.words[0], fault.words[1]);
    tcb.fault.kind = Fault::Kind::none;
    set_thread_state(tcb, ThreadState::inactive);
}

unsigned write_fault_message(Tcb& tcb, Tcb& handler, Word* buffer) {
    const Fault& fault = tcb.fault;
    unsigned at = 0;
    const auto put = [&](Word word) REQUIRES(lock) {
        if (set_message_word(handler, buffer, at, word))
            ++at;
    };
    switch (fault.kind) {
    case Fault::Kind::capability: {
        put(tcb.frame().program_counter);
        put(fault.words[0]);
        put(fault.receiving);
        std::array<Word, LookupFailure::max_words> words;
        const unsigned count = fault.lookup.write(words);
        for (unsigned i = 0; i < count; ++i)
            put(words[i]);
        return at;
    }
    case Fault::Kind::vm:
        put(tcb.frame().program_counter);
        put(fault.words[0]); // address
        put(fault.words[2]); // instruction fetch
        put(fault.words[1]); // FSR
        return at;
    default:
        return isa::write_fault_message(tcb, handler, buffer);
    }
}

bool read_fault_reply(Tcb& tcb, Tcb& handler, Word label, unsigned length, const Word* buffer) {
    if (tcb.fault.kind == Fault::Kind::capability || tcb.fault.kind == Fault::Kind::vm)
        return true;
    return isa::read_fault_reply(tcb, handler, label, length, buffer);
}

} // namespace abi::sel4

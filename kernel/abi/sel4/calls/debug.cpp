#include "abi/sel4/calls/debug.hpp"

#include "abi/sel4/object/check.hpp"
#include "abi/sel4/object/cspace.hpp"
#include "abi/sel4/object/tcb.hpp"
#include "abi/sel4/schedule.hpp"
#include "abi/sel4/system.hpp"
#include "lib/log.hpp"
#include "thread/scheduler.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace abi::sel4 {
namespace {

enum DebugCall : std::int64_t {
    put_char = -9,
    dump_scheduler = -10,
    halt = -11,
    cap_identify = -12,
    snapshot = -13,
    name_thread = -14,
    get_thread_affinity = -16, // with SMP support
};

/// The numbers that seL4's own kernel gives its capability types; libsel4debug compares with some of them.
constexpr Word type_number(CapType type) {
    constexpr std::array<std::uint8_t, 21> numbers{0,  2,  4, 6, 8, 10, 12, 18, 14, 16, 20, // null to domain
                                                   1,  3,  9, 5, 7, 11, 13,                 // frame to ASID pool
                                                   21, 19, 27};
    return numbers[static_cast<std::size_t>(type)];
}

Word identify(Tcb& caller) REQUIRES(lock) {
    const auto slot = lookup_slot(caller, caller.reg(isa::cap_register));
    return slot ? type_number((*slot)->cap.type()) : 0;
}

/// The name stands in the caller's buffer, behind the tag.
void set_name(Tcb& caller) REQUIRES(lock) {
    const auto slot = lookup_slot(caller, caller.reg(isa::cap_register));
    const Word* const buffer = lookup_ipc_buffer(false, caller);
    if (!slot || !buffer || !(*slot)->cap.is(CapType::thread))
        return;
    const char* const text = reinterpret_cast<const char*>(buffer + ipc_buffer::message);
    const std::size_t most = message_words * sizeof(Word);
    thread::set_name(
        (*slot)->cap.object<Tcb>()->thread,
        {text, static_cast<std::size_t>(std::find(text, text + most, '\0') - text)});
}

/// False: it is no thread's capability, which stops seL4 as a whole.
bool tell_affinity(Tcb& caller) REQUIRES(lock) {
    const auto slot = lookup_slot(caller, caller.reg(isa::cap_register));
    if (!slot || !(*slot)->cap.is(CapType::thread))
        return false;
    const std::uint32_t affinity = (*slot)->cap.object<Tcb>()->thread.affinity;
    caller.reg(isa::cap_register) = static_cast<Word>(std::countr_zero(affinity));
    return true;
}

} // namespace

bool handle_debug_call(Tcb& caller, std::int64_t number) {
    switch (number) {
    case put_char:
        print(*caller.system, static_cast<char>(caller.reg(isa::cap_register)));
        return true;
    case snapshot: // seL4 prints its whole capability state; here it is checked
        caller.reg(isa::cap_register) = check_invariants(*caller.system);
        return true;
    case dump_scheduler:
        for (Tcb* tcb = caller.system->threads; tcb; tcb = tcb->system_next)
            klog::info(
                "{}: state {}, priority {}, pc {:x}", std::string_view(tcb->thread.name),
                static_cast<unsigned>(tcb->state), tcb->thread.priority, tcb->frame().program_counter);
        return true;
    case halt:
        end_system(*caller.system);
        return true;
    case cap_identify:
        caller.reg(isa::cap_register) = identify(caller);
        return true;
    case name_thread:
        set_name(caller);
        return true;
    case get_thread_affinity:
        return caller.system->smp && tell_affinity(caller);
    default:
        return false;
    }
}

} // namespace abi::sel4

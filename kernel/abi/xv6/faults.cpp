#include "abi/xv6/faults.hpp"

#include "abi/xv6/console.hpp"
#include "process/lifecycle.hpp"
#include "process/send.hpp"

#include <xv6_isa/registers.hpp>

namespace abi::xv6 {
namespace {

using process::Signal;

/// How the end looks to a parent that knows signals.
Signal signal_of(trap::Fault::Kind kind) {
    using Kind = trap::Fault::Kind;
    switch (kind) {
    case Kind::illegal_instruction:
    case Kind::privileged_instruction:
        return Signal::illegal;
    case Kind::breakpoint:
    case Kind::single_step:
        return Signal::trap;
    case Kind::divide:
    case Kind::overflow:
    case Kind::floating_point:
        return Signal::floating_point;
    case Kind::alignment:
    case Kind::bus_error:
        return Signal::bus;
    default:
        return Signal::segmentation;
    }
}

} // namespace

void handle_fault(thread::Thread& thread, const trap::Fault& fault) {
    say("usertrap(): unexpected {} {} pid={}\n", isa::cause_name, std::string_view(Pointer(fault.cause)),
        thread.process->id);
    say("            {}={} {}={}\n", isa::counter_name, std::string_view(Pointer(fault.pc)), isa::value_name,
        std::string_view(Pointer(fault.address)));
    process::request_exit(
        *thread.process, {process::ChildEvent::killed, static_cast<std::int32_t>(signal_of(fault.kind))});
}

void before_return(thread::Thread& thread) {
    while (process::take_delivery(thread))
        ; // xv6 programs have no handlers: exec made them standard
}

} // namespace abi::xv6

#include "process/fault_signal.hpp"

#include "lib/log.hpp"
#include "memory/address_space.hpp"
#include "process/lifecycle.hpp"
#include "trap/page_fault.hpp"

namespace process {
namespace {

struct FaultSignal {
    Signal signal;
    FaultCode code;
};

/// A page fault that could not be resolved, by the reason why not.
FaultSignal page_fault_signal(Error reason) {
    switch (reason) {
    case Error::access_denied:
        return {Signal::segmentation, FaultCode::no_right};
    case Error::out_of_range:
    case Error::io:
        return {Signal::bus, FaultCode::no_object};
    default:
        return {Signal::segmentation, FaultCode::not_mapped};
    }
}

FaultSignal other_fault_signal(trap::Fault::Kind kind) {
    using Kind = trap::Fault::Kind;
    switch (kind) {
    case Kind::alignment:
        return {Signal::bus, FaultCode::misaligned};
    case Kind::bus_error:
        return {Signal::bus, FaultCode::no_object};
    case Kind::illegal_instruction:
        return {Signal::illegal, FaultCode::illegal_opcode};
    case Kind::privileged_instruction:
        return {Signal::illegal, FaultCode::privileged_opcode};
    case Kind::breakpoint:
        return {Signal::trap, FaultCode::breakpoint};
    case Kind::single_step:
        return {Signal::trap, FaultCode::trace};
    case Kind::divide:
        return {Signal::floating_point, FaultCode::integer_divide};
    case Kind::floating_point:
        return {Signal::floating_point, FaultCode::float_unknown};
    case Kind::overflow:
    case Kind::protection:
    default:
        return {Signal::segmentation, FaultCode::none};
    }
}

void end_without_memory(Process& process, std::uintptr_t address) {
    klog::error("process {}: killed, no memory for page {:x}", process.id, address);
    request_exit(process, {ChildEvent::killed, static_cast<std::uint8_t>(Signal::kill)});
}

} // namespace

std::optional<SignalInfo> signal_of_fault(thread::Thread& thread, const trap::Fault& fault) {
    FaultSignal what;
    if (trap::is_page_fault(fault)) {
        // Asked again for the reason. Another thread may have resolved it meanwhile.
        const auto again = thread.address_space->handle_fault(fault.address, trap::access_of(fault));
        if (again)
            return std::nullopt;
        if (again.error() == Error::no_memory) {
            end_without_memory(*thread.process, fault.address);
            return std::nullopt;
        }
        what = page_fault_signal(again.error());
    } else {
        what = other_fault_signal(fault.kind);
    }
    return SignalInfo{
        .signal = what.signal,
        .source = what.code != FaultCode::none ? SignalSource::fault : SignalSource::kernel,
        .fault = what.code,
        .address = fault.address};
}

} // namespace process

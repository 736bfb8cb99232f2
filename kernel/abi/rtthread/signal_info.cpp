#include "abi/rtthread/signal_info.hpp"

#include <cstring>

namespace abi::rtthread {
namespace {

using process::ChildEvent;
using process::FaultCode;
using process::SignalSource;

/// si_code (POSIX; musl's signal.h).
constexpr std::int32_t code_user = 0, code_kernel = 128, code_timer = -2, code_thread = -6;

std::int32_t child_code(ChildEvent event) {
    return static_cast<std::int32_t>(event) + 1; // CLD_EXITED is 1; both lists have POSIX's order
}

std::int32_t fault_code(FaultCode fault) {
    switch (fault) {
    case FaultCode::none:
        return code_kernel;
    case FaultCode::not_mapped: // SEGV_MAPERR, BUS_ADRALN, ILL_ILLOPC, FPE_INTDIV, TRAP_BRKPT
    case FaultCode::misaligned:
    case FaultCode::illegal_opcode:
    case FaultCode::integer_divide:
    case FaultCode::breakpoint:
        return 1;
    case FaultCode::no_right:
    case FaultCode::no_object:
    case FaultCode::integer_overflow:
    case FaultCode::trace:
        return 2;
    case FaultCode::privileged_opcode:
        return 5;
    case FaultCode::float_unknown:
        return 14;
    }
    return code_kernel;
}

} // namespace

SignalInfoRecord to_record(const process::SignalInfo& info) {
    SignalInfoRecord record;
    std::memset(&record, 0, sizeof(record));
    record.signal = static_cast<std::int32_t>(info.signal);
    switch (info.source) {
    case SignalSource::kernel:
        record.code = code_kernel;
        break;
    case SignalSource::user:
    case SignalSource::thread:
        record.code = info.source == SignalSource::user ? code_user : code_thread;
        record.sender = {.process = info.sender, .user = info.user, .status = 0};
        break;
    case SignalSource::queued:
        record.code = info.code;
        record.timer = {.number = info.sender, .overruns = static_cast<std::int32_t>(info.user), .value = info.value};
        break;
    case SignalSource::timer:
        record.code = code_timer;
        record.timer = {.number = info.status, .overruns = info.code, .value = info.value};
        break;
    case SignalSource::child:
        record.code = child_code(info.child);
        record.sender = {.process = info.sender, .user = info.user, .status = info.status};
        break;
    case SignalSource::fault:
        record.code = fault_code(info.fault);
        record.address = info.address;
        break;
    }
    return record;
}

} // namespace abi::rtthread

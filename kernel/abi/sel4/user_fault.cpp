#include "abi/sel4/user_fault.hpp"

#include "abi/sel4/calls/fastpath.hpp"
#include "abi/sel4/object/tcb.hpp"
#include "abi/sel4/schedule.hpp"

#include <sel4_isa/cause.hpp>

namespace abi::sel4 {

void slow_fault(Tcb& tcb, const Fault& fault) {
    begin_call(tcb, 0);
    handle_fault(tcb, fault);
    leave_call(tcb);
}

void handle_user_fault(thread::Thread& thread, const trap::Fault& fault) {
    Tcb& tcb = Tcb::of(thread);
    enter_fast(tcb, 0);
    if (isa::is_vm_fault(fault.cause))
        return fastpath_vm_fault(
            tcb, {.kind = Fault::Kind::vm,
                  .words = {fault.address, isa::vm_status(fault.cause), fault.kind == trap::Fault::Kind::execute},
                  .lookup = {}});
    if (fault.kind == trap::Fault::Kind::floating_point && fault.cause == 0) // the FPU flag
        return slow_fault(
            tcb, {.kind = Fault::Kind::user_exception, .words = {isa::fpu_exception, 0, 0}, .lookup = {}});
    slow_fault(
        tcb, {.kind = Fault::Kind::user_exception,
              .words = {isa::exception_number(fault.cause), isa::exception_code(fault.cause), 0},
              .lookup = {}});
}

} // namespace abi::sel4

#include "abi/sel4/user_fault.hpp"

#include "abi/sel4/fault.hpp"
#include "abi/sel4/object/tcb.hpp"
#include "abi/sel4/schedule.hpp"

#include <sel4_isa/cause.hpp>

namespace abi::sel4 {

void handle_user_fault(thread::Thread& thread, const trap::Fault& fault) {
    Tcb& tcb = Tcb::of(thread);
    enter_call(tcb, 0);
    if (isa::is_vm_fault(fault.cause))
        handle_fault(
            tcb, {.kind = Fault::Kind::vm,
                  .words = {fault.address, isa::vm_status(fault.cause), fault.kind == trap::Fault::Kind::execute},
                  .lookup = {}});
    else if (fault.kind == trap::Fault::Kind::floating_point && fault.cause == 0) // the FPU flag
        handle_fault(tcb, {.kind = Fault::Kind::user_exception, .words = {isa::fpu_exception, 0, 0}, .lookup = {}});
    else
        handle_fault(
            tcb, {.kind = Fault::Kind::user_exception,
                  .words = {isa::exception_number(fault.cause), isa::exception_code(fault.cause), 0},
                  .lookup = {}});
    leave_call(tcb);
}

} // namespace abi::sel4

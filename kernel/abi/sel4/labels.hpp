#pragma once
// Invocation labels: the order of the methods in seL4's interface description (libsel4 object-api.xml) for a non-MCS
// kernel without hypervisor, SMMU, hardware debug API. Those of the instruction set follow in sel4_isa/labels.hpp.

#include "abi/sel4/message.hpp"

namespace abi::sel4 {

enum class Label : Word {
    invalid,
    untyped_retype,
    tcb_read_registers,
    tcb_write_registers,
    tcb_copy_registers,
    tcb_configure,
    tcb_set_priority,
    tcb_set_mc_priority,
    tcb_set_sched_params,
    tcb_set_ipc_buffer,
    tcb_set_space,
    tcb_suspend,
    tcb_resume,
    tcb_bind_notification,
    tcb_unbind_notification,
    tcb_set_tls_base, // a kernel configured for SMP has TCB_SetAffinity before it: see canonical_label()
    tcb_set_flags,
    cnode_revoke,
    cnode_delete,
    cnode_cancel_badged_sends,
    cnode_copy,
    cnode_mint,
    cnode_move,
    cnode_mutate,
    cnode_rotate,
    cnode_save_caller,
    irq_issue_handler,
    irq_ack,
    irq_set_handler,
    irq_clear_handler,
    domain_set_set,
    domain_schedule_configure,
    domain_schedule_set_start,
    first_of_isa,

    tcb_set_affinity = 0x1000, // not a number of seL4's: where canonical_label() puts it
};

/// The label as the enumeration above has it. `smp`: the program was built for a kernel with ENABLE_SMP_SUPPORT, where
/// TCB_SetAffinity stands before TCB_SetTLSBase and shifts what follows.
constexpr Label canonical_label(Word label, bool smp) {
    constexpr Word shifted = static_cast<Word>(Label::tcb_set_tls_base);
    if (!smp || label < shifted)
        return Label{label};
    return label == shifted ? Label::tcb_set_affinity : Label{label - 1};
}

} // namespace abi::sel4

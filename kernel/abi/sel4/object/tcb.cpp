#include "abi/sel4/object/tcb.hpp"

#include "abi/sel4/invocation.hpp"
#include "abi/sel4/object/cspace.hpp"
#include "abi/sel4/object/endpoint.hpp"
#include "abi/sel4/object/interrupt.hpp"
#include "abi/sel4/object/isa_objects.hpp"
#include "abi/sel4/schedule.hpp"
#include "abi/sel4/system.hpp"

namespace abi::sel4 {

Word* lookup_ipc_buffer(bool for_writing, Tcb& tcb) {
    const Capability& cap = tcb.slots[slot_ipc_buffer].cap;
    if (!cap.is(CapType::frame) || frame::is_device(cap)) [[unlikely]]
        return nullptr;
    const Rights needed = for_writing ? right_read | right_write : right_read;
    if ((frame::rights(cap) & needed) != needed) [[unlikely]]
        return nullptr;
    const std::uint64_t mask = (std::uint64_t{1} << isa::frame_bits[frame::size(cap)]) - 1;
    return arch::phys_to_virt<Word>(cap.physical() + (tcb.ipc_buffer & mask));
}

bool set_message_word(Tcb& tcb, Word* buffer, unsigned index, Word value) {
    if (index < message_register_count) {
        tcb.reg(isa::message_registers[index]) = value;
        return true;
    }
    if (!buffer)
        return false;
    buffer[ipc_buffer::message + index] = value;
    return true;
}

} // namespace abi::sel4

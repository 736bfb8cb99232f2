// Register contexts of threads: as words for TCB_ReadRegisters and its like, and in fault messages.

#include "abi/sel4/object/isa_objects.hpp"
#include "abi/sel4/object/tcb.hpp"
#include "thread/cpu.hpp"

#include <arch/cpu.hpp>
#include <sel4_isa/context.hpp>

namespace abi::sel4::isa {
namespace {

using Kind = ContextWord::Kind;

bool is_running_here(const Tcb& tcb) {
    return arch::current_cpu().current == &tcb.thread;
}

Word read(Tcb& tcb, const ContextWord& which) REQUIRES(lock) {
    switch (which.kind) {
    case Kind::program_counter:
        return restart_pc(tcb);
    case Kind::stack_pointer:
        return tcb.frame().stack_pointer;
    case Kind::status:
        return tcb.frame().status;
    case Kind::general:
        return tcb.reg(which.reg);
    case Kind::thread_pointer:
        return get_tls_base(tcb);
    case Kind::special:
        if (is_running_here(tcb))
            arch::save_thread_registers(tcb.thread.registers);
        return read_special(tcb.thread);
    }
    __builtin_unreachable();
}

void write(Tcb& tcb, const ContextWord& which, Word value) REQUIRES(lock) {
    switch (which.kind) {
    case Kind::program_counter:
        return set_pc(tcb, sanitise_address(value));
    case Kind::stack_pointer:
        tcb.frame().stack_pointer = value;
        return;
    case Kind::status:
        tcb.frame().status = arch::sanitise_status(value, tcb.frame().status);
        return;
    case Kind::general:
        tcb.reg(which.reg) = value;
        return;
    case Kind::thread_pointer:
        return set_tls_base(tcb, value);
    case Kind::special:
        return write_special(tcb.thread, value, is_running_here(tcb));
    }
}

/// Word `index` of the message that the thread sends: registers first, then its buffer.
Word message_word(Tcb& sender, unsigned index, const Word* buffer) {
    if (index < message_registers.size())
        return sender.reg(message_registers[index]);
    return buffer ? buffer[ipc_buffer::message + index] : 0;
}

template <std::size_t count>
unsigned write_registers(Tcb& tcb, const std::array<ContextWord, count>& words, Tcb& handler, Word* buffer)
    REQUIRES(lock) {
    unsigned written = 0;
    while (written < count && set_message_word(handler, buffer, written, read(tcb, words[written])))
        ++written;
    return written;
}

template <std::size_t count>
void read_registers(
    Tcb& tcb, const std::array<ContextWord, count>& words, Tcb& handler, unsigned length, const Word* buffer)
    REQUIRES(lock) {
    for (unsigned i = 0; i < count && i < length; ++i)
        write(tcb, words[i], message_word(handler, i, buffer));
}

} // namespace

unsigned context_words() {
    return context.size();
}

unsigned frame_register_words() {
    return frame_registers;
}

Word read_context_word(Tcb& tcb, unsigned index) {
    return index < context.size() ? read(tcb, context[index]) : 0;
}

void write_context_word(Tcb& tcb, unsigned index, Word value) {
    if (index < context.size())
        write(tcb, context[index], value);
}

Word get_tls_base(Tcb& tcb) {
    if (is_running_here(tcb))
        arch::save_thread_registers(tcb.thread.registers);
    return saved_thread_pointer(tcb.thread);
}

void set_tls_base(Tcb& tcb, Word value) {
    arch::set_thread_pointer(tcb.frame(), tcb.thread.registers, sanitise_address(value), is_running_here(tcb));
}

unsigned write_fault_message(Tcb& tcb, Tcb& handler, Word* buffer) {
    const Fault& fault = tcb.fault;
    if (fault.kind == Fault::Kind::unknown_syscall) {
        const unsigned count = write_registers(tcb, syscall_fault, handler, buffer);
        return count + (set_message_word(handler, buffer, count, fault.words[0]) ? 1 : 0);
    }
    unsigned count = write_registers(tcb, exception_fault, handler, buffer);
    for (unsigned i = 0; i < 2 && set_message_word(handler, buffer, count, fault.words[i]); ++i)
        ++count;
    return count;
}

bool read_fault_reply(Tcb& tcb, Tcb& handler, Word label, unsigned length, const Word* buffer) {
    switch (tcb.fault.kind) {
    case Fault::Kind::unknown_syscall:
        read_registers(tcb, syscall_fault, handler, length, buffer);
        return label == 0;
    case Fault::Kind::user_exception:
        read_registers(tcb, exception_fault, handler, length, buffer);
        return label == 0;
    default: // what was wrong is taken to be right now
        return true;
    }
}

} // namespace abi::sel4::isa

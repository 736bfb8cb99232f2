#pragma once
// arch_prctl(2): the bases of FS (thread-local storage) and GS.

#include "abi/linux/row.hpp"
#include "memory/user_ptr.hpp"

#include <arch/context.hpp>
#include <asm/prctl.h>

namespace abi::linux {

inline Result<> sys_arch_prctl(thread::Thread& thread, std::int32_t option, std::uint64_t address) {
    switch (option) {
    case ARCH_SET_FS:
    case ARCH_SET_GS:
        if (address >= arch::user_top)
            return fail(Error::not_permitted);
        if (option == ARCH_SET_FS)
            arch::set_thread_pointer(*thread.frame, thread.registers, address, true);
        else
            arch::set_gs_base(thread.registers, address, true);
        return {};
    case ARCH_GET_FS:
    case ARCH_GET_GS: {
        {
            InterruptGuard no_switch;
            arch::save_thread_registers(thread.registers);
        }
        const std::uint64_t value = option == ARCH_GET_FS ? thread.registers.thread_pointer : thread.registers.gs_base;
        return memory::UserPtr<std::uint64_t>({address}).write(value);
    }
    default:
        return fail(Error::invalid_argument);
    }
}

} // namespace abi::linux

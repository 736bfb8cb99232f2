#pragma once
// riscv_flush_icache(2): fence.i where the caller's threads may run.

#include "abi/linux/convention.hpp"
#include "lib/result.hpp"

#include <arch/page_table.hpp>
#include <cstdint>

namespace abi::linux {

/// Linux flushes whole caches too: the range is not looked at. Only the flag SYS_RISCV_FLUSH_ICACHE_LOCAL (1) exists;
/// other threads are served all the same. Errors: invalid_argument.
inline Result<> sys_riscv_flush_icache(std::uint64_t, std::uint64_t, std::uint64_t flags) {
    if (flags > 1)
        return fail(Error::invalid_argument);
    arch::synchronise_instructions(0, 0);
    return {};
}

} // namespace abi::linux

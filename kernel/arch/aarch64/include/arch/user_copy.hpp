#pragma once
// User memory, by unprivileged loads and stores (LDTR, STTR): they obey the program's own rights, and PAN need not be
// opened. The caller has checked ranges against user_top. A fault is resolved (demand paging) or leads to the row in
// .exception_table.

#include <cstddef>
#include <cstdint>

namespace arch {

/// Each returns the number of bytes NOT copied or cleared: 0 is success. May sleep (demand paging): no spin lock held.
extern "C" std::size_t copy_from_user(void* to, std::uintptr_t from, std::size_t n);
extern "C" std::size_t copy_to_user(std::uintptr_t to, const void* from, std::size_t n);
extern "C" std::size_t clear_user(std::uintptr_t to, std::size_t n);
/// Length without the NUL, which is copied too; `max`: no NUL within max bytes; -1: fault.
extern "C" std::ptrdiff_t copy_string_from_user(char* to, std::uintptr_t from, std::size_t max);
/// A single naturally aligned access: 0, or -1 on a fault.
extern "C" int load_user_word(std::uintptr_t from, std::uint32_t* value);
/// 1: stored. 0: differs, `expected` updated. -1: fault. Sequentially consistent.
extern "C" int compare_exchange_user_word(std::uintptr_t at, std::uint32_t* expected, std::uint32_t desired);

} // namespace arch

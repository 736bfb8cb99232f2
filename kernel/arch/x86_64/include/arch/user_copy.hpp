#pragma once
// User memory, touched by instructions that may fault. Each has a row in .exception_table. The caller has checked the
// range against user_top. SMAP is open only inside.

#include <cstddef>
#include <cstdint>

namespace arch {

/// Return the number of bytes not copied.
extern "C" std::size_t copy_from_user(void* to, std::uintptr_t from, std::size_t n);
extern "C" std::size_t copy_to_user(std::uintptr_t to, const void* from, std::size_t n);
extern "C" std::size_t clear_user(std::uintptr_t to, std::size_t n);
/// Length without the NUL; `max` when there is none within max; -1 on a fault.
extern "C" std::ptrdiff_t copy_string_from_user(char* to, std::uintptr_t from, std::size_t max);
/// 0, or -1 on a fault. Naturally aligned, a single access.
extern "C" int load_user_word(std::uintptr_t from, std::uint32_t* value);
/// 1 stored, 0 differs (expected updated), -1 fault.
extern "C" int compare_exchange_user_word(std::uintptr_t at, std::uint32_t* expected, std::uint32_t desired);

} // namespace arch

#pragma once
// Access to user memory. The caller has checked the range against user_top. sstatus.SUM is set only inside these; each
// instruction that may fault has a row in `.exception_table`.

#include <cstddef>
#include <cstdint>

namespace arch {
extern "C" {

/// Bytes NOT copied: 0 is success.
std::size_t copy_from_user(void* to, std::uintptr_t from, std::size_t n);
std::size_t copy_to_user(std::uintptr_t to, const void* from, std::size_t n);
std::size_t clear_user(std::uintptr_t to, std::size_t n);
/// Length without the NUL; max: no NUL within max bytes; -1: fault.
std::ptrdiff_t copy_string_from_user(char* to, std::uintptr_t from, std::size_t max);
/// 0, or -1 on a fault. Naturally aligned, a single access.
int load_user_word(std::uintptr_t from, std::uint32_t* value);
/// 1 stored, 0 differs (expected updated), -1 fault. Naturally aligned. Sequentially consistent.
int compare_exchange_user_word(std::uintptr_t at, std::uint32_t* expected, std::uint32_t desired);
}
} // namespace arch

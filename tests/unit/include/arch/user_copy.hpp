#pragma once
// User memory of the fake ISA: translated by walking the active page tables, with faults resolved as in the kernel.
// While no translation is active, user addresses are host addresses, so that tests can hand out pointers to their own
// variables.

#include <cstddef>
#include <cstdint>

namespace arch {

extern "C" std::size_t copy_from_user(void* to, std::uintptr_t from, std::size_t n);
extern "C" std::size_t copy_to_user(std::uintptr_t to, const void* from, std::size_t n);
extern "C" std::size_t clear_user(std::uintptr_t to, std::size_t n);
extern "C" std::ptrdiff_t copy_string_from_user(char* to, std::uintptr_t from, std::size_t max);
extern "C" int load_user_word(std::uintptr_t from, std::uint32_t* value);
extern "C" int compare_exchange_user_word(std::uintptr_t at, std::uint32_t* expected, std::uint32_t desired);

} // namespace arch

#pragma once
// xv6's sizes, which its programs count on (xv6-riscv: kernel/param.h, kernel/fs.h, kernel/pipe.c, kernel/memlayout.h).

#include "lib/address.hpp"

#include <cstddef>
#include <cstdint>

namespace abi::xv6 {

inline constexpr unsigned max_processes = 64;    // NPROC: xv6's processes, zombies too
inline constexpr std::uint32_t max_files = 16;   // NOFILE: descriptors of a process
inline constexpr std::size_t max_arguments = 31; // below MAXARG 32: the null that ends argv counts
inline constexpr std::size_t max_path = 128;     // MAXPATH: bytes with the NUL
inline constexpr std::size_t max_name = 14;      // DIRSIZ: what is longer is cut
inline constexpr std::size_t pipe_bytes = 512;   // PIPESIZE
inline constexpr std::uint64_t block_bytes = 1024;
inline constexpr std::uint64_t max_file_bytes = 268 * block_bytes; // MAXFILE: 12 direct blocks, 256 indirect ones
inline constexpr std::size_t stack_bytes = page_size;              // one page, a guard page below it
/// The most that a process may have: the RAM of xv6's machine.
inline constexpr std::uint64_t max_process_bytes = 128u << 20;
/// A clock tick: 1,000,000 cycles of the 10 MHz timer.
inline constexpr std::uint64_t tick_ns = 100'000'000;

} // namespace abi::xv6

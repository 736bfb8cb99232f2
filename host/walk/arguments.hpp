#pragma once
// A call's arguments and its result in words, by the kinds that the kernel's own table has.

#include "kernel_tables.hpp"
#include "walk/recording.hpp"

#include <functional>
#include <string>
#include <vector>

namespace host::walk {

/// Reads user memory: up to `bytes` at `address`, fewer where nothing is mapped.
using MemoryReader = std::function<std::vector<std::uint8_t>(std::uint64_t address, std::size_t bytes)>;

/// How many registers a call's arguments take: a buffer takes two.
unsigned register_count(const CallRow& row);

/// At the call: the arguments by name and type. What the kernel will write comes with decode_result(). `names` may be
/// shorter than the row.
std::vector<Argument> decode_arguments(
    const CallRow& row, const std::vector<std::string>& names, const std::vector<std::uint64_t>& registers,
    const MemoryReader& memory);

/// Behind the call: adds what the kernel wrote into buffers.
void decode_output(const CallRow& row, Recording& recording, const MemoryReader& memory);

/// A seL4 call's capability address and message, a line each (seL4 manual 4.1: the message-info word).
std::vector<std::string> decode_capability_call(const std::vector<std::uint64_t>& registers);

/// "ENOENT (No such file or directory)" of a Linux result; empty when it is no error.
std::string linux_error(std::uint64_t result);

/// Bytes between quotation marks, as C would write them; cut after 64.
std::string quoted(const std::vector<std::uint8_t>& bytes, bool is_cut = false);

} // namespace host::walk

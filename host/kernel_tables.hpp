#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace host {

/// kernel/abi/argument.hpp's, with the same values.
enum class ArgumentKind : std::uint8_t {
    signed_integer,
    unsigned_integer,
    address,
    pointer,
    string,
    buffer_in,
    buffer_out,
    descriptor,
    flags,
    mode,
    process_id,
    signal,
    size,
    offset,
};

/// One system call, as its row in the kernel's own table says.
struct CallRow {
    unsigned number = 0;
    std::string name{};
    bool partial = false;
    bool absent = false; ///< it has a name and answers that there is no such call
    std::string note{};  ///< partial support: what is missing; absent: why
    unsigned arguments = 0;
    std::vector<ArgumentKind> kinds{}; ///< one for each argument; buffers take two registers
    std::vector<unsigned> sizes{};     ///< bytes of what pointers and spans point to; 255: that or more; 0: not known
};

/// The table of one personality.
struct CallTable {
    std::string personality;
    std::vector<CallRow> rows;             ///< by number
    std::map<unsigned, std::string> names; ///< of all calls of the original kernel, where the image has them
};

/// Reads the tables out of a kernel with symbols (build/<preset>/tetrapylon.elf): every
/// `abi::<personality>::...::sys_call_table`. The rows are kernel/abi/table.hpp's `Call`. Throws Failure(125) when the
/// file is not such a kernel.
std::vector<CallTable> read_call_tables(const std::filesystem::path& kernel);

} // namespace host

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace host {

/// One system call, as its row in the kernel's own table says.
struct CallRow {
    unsigned number = 0;
    std::string name{};
    bool partial = false;
    bool absent = false; ///< it has a name and answers that there is no such call
    std::string note{};  ///< partial support: what is missing; absent: why
    unsigned arguments = 0;
    std::vector<std::uint8_t> kinds{}; ///< of the arguments: abi::ArgumentKind
};

/// The table of one personality.
struct CallTable {
    std::string personality;
    std::vector<CallRow> rows; ///< by number
};

/// Reads the tables out of a kernel with symbols (build/<preset>/tetrapylon.elf): every
/// `abi::<personality>::...::sys_call_table`. The rows are kernel/abi/table.hpp's `Call`. Throws Failure(125) when the
/// file is not such a kernel.
std::vector<CallTable> read_call_tables(const std::filesystem::path& kernel);

} // namespace host

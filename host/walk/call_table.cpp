#include "walk/call_table.hpp"

#include "failure.hpp"

#include <cstring>

namespace host::walk {

namespace {

/// abi::Call as all three ISAs lay it out.
struct Row {
    std::uint64_t run, name, note;
    std::uint16_t number;
    std::uint8_t support, argument_count;
    std::uint8_t kinds[6];
    std::uint8_t padding[6];
};
static_assert(sizeof(Row) == 40);

constexpr std::size_t table_size = 512;
constexpr std::size_t longest_name = 48;

std::string text_at(const Symbols& kernel, std::uint64_t address) {
    for (std::size_t bytes = longest_name; bytes > 0; bytes--) {
        const std::string text = kernel.image_bytes(address, bytes);
        if (!text.empty()) {
            return text.c_str(); // up to its NUL
        }
    }
    return {};
}

} // namespace

std::vector<CallRow> read_call_table(const Symbols& kernel) {
    const auto address = kernel.address_of("abi::linux::sys_call_table");
    const std::string bytes = address ? kernel.image_bytes(*address, table_size * sizeof(Row)) : std::string();
    if (bytes.empty()) {
        throw Failure(own_failure, "the kernel image has no Linux system-call table");
    }
    std::vector<CallRow> rows;
    for (std::size_t i = 0; i < table_size; i++) {
        Row row;
        std::memcpy(&row, bytes.data() + i * sizeof(Row), sizeof(Row));
        if (row.run != 0) {
            rows.push_back({text_at(kernel, row.name), row.number, row.argument_count});
        }
    }
    return rows;
}

} // namespace host::walk

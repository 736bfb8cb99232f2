// What the linker scripts of the real ISAs define.

#include <cstdint>

struct FixupEntry;
extern "C" {
extern const std::int32_t exception_table_start[];
extern const std::int32_t exception_table_end[];
const std::int32_t exception_table_start[1] = {};
const std::int32_t exception_table_end[1] = {};
}

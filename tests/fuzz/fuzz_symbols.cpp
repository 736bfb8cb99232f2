// A list of symbols as a file of a stranger might have it: look-ups find what was read, and nothing else.

#include "walk/symbol_list.hpp"

#include <cstdlib>
#include <sstream>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::istringstream input(std::string(reinterpret_cast<const char*>(data), size));
    const host::walk::SymbolList list = host::walk::SymbolList::read(input);
    for (std::uint64_t address = 1; address != 0; address <<= 1) {
        const std::string_view name = list.name_at(address);
        if (name.empty()) {
            continue;
        }
        const auto found = list.address_of(name);
        if (!list.is_usable() || !found) {
            std::abort();
        }
    }
    return 0;
}

// The trace port's bytes, as a kernel gone wrong might write them.

#include "trace/record.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    host::trace::Reader whole, pieces;
    std::size_t records = 0;
    whole.feed(bytes, [&](const host::trace::Record&) { records++; });
    // However it is cut, the same records come.
    for (std::size_t at = 0; at < size; at += 7)
        pieces.feed(bytes.substr(at, 7), [&](const host::trace::Record&) { records--; });
    if (records != 0)
        std::abort();
    return 0;
}

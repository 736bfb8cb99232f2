#include "abi/xv6/console.hpp"

#include "file/transfer.hpp"
#include "terminal/device.hpp"

namespace abi::xv6 {

void print_on_console(std::string_view text) {
    terminal::Terminal* console = terminal::console();
    if (!console)
        return;
    file::Source source(std::as_bytes(std::span(text.data(), text.size())));
    static_cast<void>(console->write(source, false)); // a stopped or full line may lose it: it is only a report
}

Pointer::Pointer(std::uint64_t value) : text{'0', 'x'} {
    for (std::size_t i = sizeof text - 1; i > 1; --i, value >>= 4)
        text[i] = "0123456789abcdef"[value & 0xf];
}

} // namespace abi::xv6

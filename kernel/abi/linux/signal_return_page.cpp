#include "abi/linux/signal_return_page.hpp"

#include "memory/code_page.hpp"

#include <cstring>
#include <linux_isa/program.hpp>

namespace abi::linux {
namespace {

constexpr std::size_t code_bytes = isa::signal_return_code.size() * sizeof(std::uint32_t);

[[maybe_unused]] constinit memory::CodePage page( // x86_64 programs bring their own
    [](memory::CodePage::Bytes to) { std::memcpy(to.data(), isa::signal_return_code.data(), code_bytes); });

} // namespace

Result<std::uintptr_t> map_signal_return_page(memory::AddressSpace& space) {
    if constexpr (code_bytes == 0)
        return 0;
    else
        return page.map(space);
}

} // namespace abi::linux

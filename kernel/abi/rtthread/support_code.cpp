#include "abi/rtthread/support_code.hpp"

#include "memory/code_page.hpp"

#include <cstring>
#include <rtthread_isa/address_map.hpp>

namespace abi::rtthread {
namespace {

template <std::size_t N>
void put(std::byte* at, const std::array<std::uint32_t, N>& code) {
    std::memcpy(at, code.data(), sizeof(code));
}

constinit memory::CodePage page([](memory::CodePage::Bytes to) {
    put(to.data() + signal_return_offset, isa::signal_return_code);
    put(to.data() + signal_return_5_0_offset, isa::signal_return_code_5_0);
    put(to.data() + thread_exit_offset, isa::thread_exit_code);
});

} // namespace

Result<> map_support_code(memory::AddressSpace& space, std::uintptr_t address) {
    return page.map_at(space, address);
}

} // namespace abi::rtthread

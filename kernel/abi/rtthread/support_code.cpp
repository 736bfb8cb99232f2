#include "abi/rtthread/support_code.hpp"

#include "memory/address_space.hpp"
#include "memory/frame.hpp"

#include <arch/page_table.hpp>
#include <cstring>
#include <rtthread_isa/address_map.hpp>

namespace abi::rtthread {
namespace {

constinit std::atomic<memory::MemoryObject*> page{nullptr}; // made once, kept for ever

template <std::size_t N>
void put(std::byte* at, const std::array<std::uint32_t, N>& code) {
    std::memcpy(at, code.data(), sizeof(code));
}

Result<memory::MemoryObject*> create_page() {
    Ref<memory::MemoryObject> object = TRY(memory::create_shared_memory(page_size));
    const PhysAddr frame = TRY(object->page(0, true));
    auto* code = arch::phys_to_virt<std::byte>(frame);
    put(code + signal_return_offset, isa::signal_return_code);
    put(code + signal_return_5_0_offset, isa::signal_return_code_5_0);
    put(code + thread_exit_offset, isa::thread_exit_code);
    arch::synchronise_instructions(reinterpret_cast<std::uintptr_t>(code), page_size);
    memory::release_frame(frame);
    return object.release();
}

Result<memory::MemoryObject*> shared_page() {
    if (memory::MemoryObject* made = page.load(std::memory_order_acquire))
        return made;
    memory::MemoryObject* fresh = TRY(create_page());
    memory::MemoryObject* other = nullptr;
    if (page.compare_exchange_strong(other, fresh, std::memory_order_acq_rel))
        return fresh;
    Ref<memory::MemoryObject>::adopt(fresh).reset(); // another CPU was faster
    return other;
}

} // namespace

Result<> map_support_code(memory::AddressSpace& space, std::uintptr_t address) {
    memory::MapRequest request{
        .address = address,
        .bytes = page_size,
        .rights = {.read = true, .execute = true, .user = true},
        .placement = memory::Placement::fixed_free,
        .may_write = false,
    };
    request.object = Ref<memory::MemoryObject>::share(TRY(shared_page()));
    TRY(space.map(request));
    return {};
}

} // namespace abi::rtthread

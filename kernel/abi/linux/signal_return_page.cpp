#include "abi/linux/signal_return_page.hpp"

#include "memory/address_space.hpp"
#include "memory/frame.hpp"

#include <arch/page_table.hpp>
#include <cstring>
#include <linux_isa/program.hpp>

namespace abi::linux {
namespace {

constexpr std::size_t code_bytes = isa::signal_return_code.size() * sizeof(std::uint32_t);

constinit std::atomic<memory::MemoryObject*> page{nullptr}; // made once, kept for ever

Result<memory::MemoryObject*> create_page() {
    Ref<memory::MemoryObject> object = TRY(memory::create_shared_memory(page_size));
    const PhysAddr frame = TRY(object->page(0, true));
    void* code = arch::phys_to_virt<void>(frame);
    std::memcpy(code, isa::signal_return_code.data(), code_bytes);
    arch::synchronise_instructions(reinterpret_cast<std::uintptr_t>(code), code_bytes);
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

Result<std::uintptr_t> map_signal_return_page(memory::AddressSpace& space) {
    if constexpr (code_bytes == 0) {
        return 0;
    } else {
        memory::MapRequest request{
            .bytes = page_size,
            .rights = {.read = true, .execute = true, .user = true},
            .may_write = false,
        };
        request.object = Ref<memory::MemoryObject>::share(TRY(shared_page()));
        return space.map(request);
    }
}

} // namespace abi::linux

#include "memory/code_page.hpp"

#include "memory/address_space.hpp"
#include "memory/frame_view.hpp"

#include <arch/page_table.hpp>

namespace memory {
namespace {

MapRequest read_execute(MemoryObject& page) {
    MapRequest request{
        .bytes = page_size,
        .rights = {.read = true, .execute = true, .user = true},
        .may_write = false,
    };
    request.object = Ref<MemoryObject>::share(&page);
    return request;
}

} // namespace

Result<MemoryObject*> CodePage::create() const {
    Ref<MemoryObject> fresh = TRY(create_shared_memory(page_size));
    const FrameView frame(TRY(fresh->page(0, true)));
    fill_(Bytes(frame.data(), page_size));
    arch::synchronise_instructions(reinterpret_cast<std::uintptr_t>(frame.data()), page_size);
    return fresh.release();
}

Result<MemoryObject*> CodePage::object() {
    if (MemoryObject* made = made_.load(std::memory_order_acquire))
        return made;
    MemoryObject* fresh = TRY(create());
    MemoryObject* other = nullptr;
    if (made_.compare_exchange_strong(other, fresh, std::memory_order_acq_rel))
        return fresh;
    Ref<MemoryObject>::adopt(fresh).reset(); // another CPU was faster
    return other;
}

Result<std::uintptr_t> CodePage::map(AddressSpace& space) {
    return space.map(read_execute(*TRY(object())));
}

Result<> CodePage::map_at(AddressSpace& space, std::uintptr_t address) {
    MapRequest request = read_execute(*TRY(object()));
    request.address = address;
    request.placement = Placement::fixed_free;
    TRY(space.map(request));
    return {};
}

} // namespace memory

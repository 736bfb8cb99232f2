// The initial thread's address space.

#include "abi/sel4/object/asid.hpp"
#include "abi/sel4/object/isa_objects.hpp"
#include "abi/sel4/object/page_table.hpp"
#include "abi/sel4/system.hpp"

#include <sel4_isa/translation.hpp>

namespace abi::sel4::isa {
namespace {

Entry* root_table(const Capability& vspace) {
    return vspace.object<Entry>();
}

CapType table_type([[maybe_unused]] unsigned level) {
    if constexpr (tables_have_levels) {
        if (level == 0)
            return CapType::pdpt;
        if (level == 1)
            return CapType::page_directory;
    }
    return CapType::page_table;
}

} // namespace

Capability create_boot_vspace(System& system, PhysAddr root, PhysAddr pool, Capability& pool_cap) {
    auto* object = arch::phys_to_virt<AsidPool>(pool);
    system.asid_pools[0] = object;
    pool_cap = Capability::make(CapType::asid_pool, pool);
    Capability vspace = Capability::make(root_type, root);
    assign_asid(*object, 1, vspace);
    return vspace;
}

Capability map_boot_table(System&, const Capability& vspace, std::uintptr_t address, PhysAddr table) {
    const Place place = find_place(root_table(vspace), address);
    if (place.level == memory::PageTable::leaf)
        return {};
    Capability cap = Capability::make(table_type(place.level), table);
    mapping::set(cap, mapping::asid(vspace), align_down(address, std::uintptr_t{1} << place.bits_left()));
    mapping::set_table_mapped(cap, true);
    place.store(arch::PageTableFormat::make_table(table));
    return cap;
}

void map_boot_frame(System&, const Capability& vspace, std::uintptr_t address, Capability& frame) {
    const Place place = find_place(root_table(vspace), address);
    mapping::set(frame, mapping::asid(vspace), address);
    place.store(make_frame_entry(frame.physical(), place.level, right_read | right_write, Attributes::ordinary));
    arch::publish_entry_write();
}

} // namespace abi::sel4::isa

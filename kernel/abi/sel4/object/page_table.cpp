#include "abi/sel4/object/page_table.hpp"

#include "abi/sel4/invocation.hpp"
#include "abi/sel4/object/derivation.hpp"
#include "abi/sel4/object/isa_hooks.hpp"
#include "abi/sel4/object/isa_objects.hpp"
#include "abi/sel4/system.hpp"

#include <sel4_isa/translation.hpp>

namespace abi::sel4 {
namespace {

using memory::PageTable;
using Format = arch::PageTableFormat;

constexpr Label label(isa::IsaLabel which) {
    return static_cast<Label>(which);
}

LookupFailure missing_level(unsigned bits_left) {
    return {.kind = LookupFailure::Kind::missing_capability, .bits_left = static_cast<std::uint8_t>(bits_left)};
}

/// The level of the entry that a table of this type goes into; only where types have levels.
unsigned level_of_table(CapType type) {
    switch (type) {
    case CapType::pdpt:
        return 0;
    case CapType::page_directory:
        return 1;
    default:
        return 2;
    }
}

/// The VSpace argument of a mapping: a root with an identifier.
OutcomeOf<AsidEntry*> target_root(Invocation& invocation) REQUIRES(lock) {
    const Capability& cap = invocation.extra[0]->cap;
    if (!isa::is_vspace_root(cap))
        return invalid_capability(1);
    return root_of(invocation.system, cap, 1);
}

/// The frame's address fits, and it is mapped nowhere else. Errors: invalid_capability, invalid_argument.
Outcome check_remap(const Capability& frame, std::uint16_t asid, std::uintptr_t address, unsigned bits) {
    if (mapping::asid(frame) != 0) {
        if (mapping::asid(frame) != asid)
            return invalid_capability(1);
        if (mapping::address(frame) != address)
            return invalid_argument(0);
        return {};
    }
    if (address >= isa::mapping_end || isa::mapping_end - address < std::uintptr_t{1} << bits)
        return invalid_argument(0);
    return {};
}

/// Where the frame goes. Errors: failed_lookup (a table is missing), delete_first (something is there).
OutcomeOf<Place>
place_for_frame(const AsidEntry& root, const Capability& frame, std::uintptr_t address, unsigned level) {
    const Place place = find_place(root.table(), address, isa::tables_have_levels ? level : PageTable::leaf);
    if (place.level != level)
        return failed_lookup(false, missing_level(place.bits_left()));
    const Entry entry = place.load();
    if (Format::is_table(entry, level))
        return failure(ErrorCode::delete_first);
    if (!isa::frames_overwrite && mapping::asid(frame) == 0 && Format::is_present(entry))
        return failure(ErrorCode::delete_first);
    return place;
}

Outcome map_frame(Invocation& invocation) REQUIRES(lock) {
    if (invocation.length < 3 || !invocation.extra[0])
        return truncated_message();
    const std::uintptr_t address = invocation.word(0);
    Capability frame = invocation.cap();
    const Rights rights = mask_frame_rights(frame::rights(frame), static_cast<Rights>(invocation.word(1) & all_rights));
    const Word attributes = invocation.word(2);
    const unsigned bits = isa::frame_bits[frame::size(frame)];

    AsidEntry* root = TRY(target_root(invocation));
    const std::uint16_t asid = mapping::asid(invocation.extra[0]->cap);
    if (address % (std::uintptr_t{1} << bits) != 0)
        return failure(ErrorCode::alignment_error);
    TRY(check_remap(frame, asid, address, bits));
    const unsigned level = level_of_frame(frame::size(frame));
    const Place place = TRY(place_for_frame(*root, frame, address, level));

    mapping::set(frame, asid, address);
    invocation.slot.cap = frame;
    const bool replaces = Format::is_present(place.load());
    place.store(isa::make_frame_entry(frame.physical(), level, rights, attributes));
    if (replaces)
        flush_page(*root, address);
    else
        isa::publish_mapping(root->translation(), address);
    return {};
}

Outcome map_table(Invocation& invocation) REQUIRES(lock) {
    if (invocation.length < 2 || !invocation.extra[0])
        return truncated_message();
    Capability table = invocation.cap();
    if (mapping::table_is_mapped(table))
        return invalid_capability(0);
    const std::uintptr_t address = invocation.word(0);
    const Capability& space = invocation.extra[0]->cap;
    if (!isa::is_vspace_root(space))
        return invalid_capability(1);
    if (address >= isa::mapping_end)
        return invalid_argument(0);
    AsidEntry* root = TRY(root_of(invocation.system, space, 1));

    const unsigned wanted = isa::tables_have_levels ? level_of_table(table.type()) : PageTable::leaf;
    const Place place = find_place(root->table(), address, wanted);
    if (isa::tables_have_levels && place.level != wanted)
        return failed_lookup(false, missing_level(place.bits_left()));
    if (place.level == PageTable::leaf || Format::is_present(place.load()))
        return failure(ErrorCode::delete_first);

    mapping::set(table, mapping::asid(space), align_down(address, std::uintptr_t{1} << place.bits_left()));
    mapping::set_table_mapped(table, true);
    invocation.slot.cap = table;
    place.store(Format::make_table(table.physical()));
    isa::publish_mapping(root->translation(), address);
    return {};
}

/// A root that has its identifier can only be deleted.
bool is_assigned_root(System& system, const Capability& table) REQUIRES(lock) {
    const AsidEntry* entry = mapping::table_is_mapped(table) ? find_asid(system, mapping::asid(table)) : nullptr;
    return entry && entry->root() == table.physical();
}

Outcome invoke_table_unmap(Invocation& invocation) REQUIRES(lock) {
    if (!is_final(invocation.slot))
        return failure(ErrorCode::revoke_first);
    Capability table = invocation.cap();
    if (is_assigned_root(invocation.system, table))
        return failure(ErrorCode::revoke_first);
    if (mapping::table_is_mapped(table)) {
        unmap_table(invocation.system, table);
        arch::zero_page(table.object<void>());
    }
    mapping::set_table_mapped(table, false);
    invocation.slot.cap = table;
    return {};
}

} // namespace

Place find_place(Entry* root, std::uintptr_t address, unsigned deepest) {
    Place place{root + PageTable::index(address, 0), 0};
    while (place.level < deepest) {
        const Entry entry = place.load();
        if (!Format::is_table(entry, place.level))
            break;
        ++place.level;
        place.entry = arch::phys_to_virt<Entry>(Format::address(entry)) + PageTable::index(address, place.level);
    }
    return place;
}

unsigned level_of_frame(unsigned size) {
    return PageTable::leaf - size;
}

bool is_leaf(const Place& place) {
    const Entry entry = place.load();
    return Format::is_present(entry) && !Format::is_table(entry, place.level);
}

Place find_mapping(const AsidEntry& root, const Capability& frame) {
    const Place place = find_place(root.table(), mapping::address(frame));
    if (place.level != level_of_frame(frame::size(frame)) || !is_leaf(place)
        || Format::address(place.load()) != frame.physical())
        return {nullptr, 0};
    return place;
}

void unmap_frame(System& system, const Capability& frame) {
    const AsidEntry* root = find_asid(system, mapping::asid(frame));
    if (!root)
        return;
    const Place place = find_mapping(*root, frame);
    if (!place.entry)
        return;
    place.store(0);
    flush_page(*root, mapping::address(frame));
}

void unmap_table(System& system, const Capability& table) {
    const AsidEntry* root = find_asid(system, mapping::asid(table));
    if (!root)
        return;
    for (unsigned level = 0; level < PageTable::leaf; ++level) {
        const Place place = find_place(root->table(), mapping::address(table), level);
        const Entry entry = place.load();
        if (place.level != level || !Format::is_table(entry, level))
            return;
        if (Format::address(entry) != table.physical())
            continue;
        place.store(0);
        return flush_all(*root);
    }
}

Rights mask_frame_rights(Rights has, Rights wanted) {
    const Rights both = has & wanted & (right_read | right_write);
    return both & right_read ? both : 0;
}

Outcome decode_frame_invocation(Invocation& invocation) {
    if (invocation.label == label(isa::IsaLabel::page_map))
        return map_frame(invocation);
    if (invocation.label == label(isa::IsaLabel::page_unmap)) {
        unmap_frame(invocation.system, invocation.cap());
        mapping::set(invocation.slot.cap, 0, 0);
        return {};
    }
    if (invocation.label == label(isa::IsaLabel::page_get_address)) {
        invocation.reply[0] = invocation.cap().physical().value;
        invocation.reply_length = 1;
        return {};
    }
    return isa::decode_frame_method(invocation);
}

Outcome decode_page_table_invocation(Invocation& invocation) {
    const isa::TableLabels labels = isa::table_labels(invocation.cap().type());
    if (invocation.label == labels.unmap)
        return invoke_table_unmap(invocation);
    if (invocation.label == labels.map)
        return map_table(invocation);
    return illegal_operation();
}

} // namespace abi::sel4

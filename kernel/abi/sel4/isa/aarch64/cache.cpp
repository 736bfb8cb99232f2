// Cache maintenance of frames, by page and by address. Arm ARM (DDI 0487) D7.5. What is done through the kernel's own
// address of a frame holds for the program's: data caches are physically tagged.

#include "abi/sel4/object/asid.hpp"
#include "abi/sel4/object/isa_hooks.hpp"
#include "abi/sel4/object/page_table.hpp"
#include "memory/frame.hpp"

#include <arch/registers.hpp>
#include <sel4_isa/translation.hpp>

namespace abi::sel4::isa {
namespace {

using Format = arch::PageTableFormat;

enum class Operation : std::uint8_t { clean, invalidate, clean_invalidate, unify };

bool find_operation(Label label, Label first, Operation& found) {
    const Word offset = static_cast<Word>(label) - static_cast<Word>(first);
    if (static_cast<Word>(label) < static_cast<Word>(first) || offset > static_cast<Word>(Operation::unify))
        return false;
    found = static_cast<Operation>(offset);
    return true;
}

std::size_t data_line() {
    return std::size_t{4} << (READ_REGISTER(ctr_el0) >> 16 & 0xf);
}

/// [start, start + bytes) of RAM, not empty.
void maintain(Operation operation, PhysAddr start, std::size_t bytes) {
    const auto first = reinterpret_cast<std::uintptr_t>(arch::phys_to_virt<void>(start));
    if (operation == Operation::unify)
        return arch::synchronise_instructions(first, bytes);
    const std::size_t line = data_line();
    for (std::uintptr_t at = align_down(first, line); at < first + bytes; at += line) {
        if (operation == Operation::clean)
            asm volatile("dc cvac, %0" : : "r"(at) : "memory");
        else // an invalidation cleans what shares a line with it too
            asm volatile("dc civac, %0" : : "r"(at) : "memory");
    }
    asm volatile("dsb sy" : : : "memory");
}

void maintain_if_ram(Operation operation, PhysAddr start, std::size_t bytes) {
    if (memory::is_ram(start)) // the kernel has no address for device memory
        maintain(operation, start, bytes);
}

/// Throwing data away needs the right to write it.
bool may(Operation operation, Entry entry) {
    const PageRights rights = Format::rights(entry);
    return operation != Operation::invalidate || (rights.user && rights.write);
}

} // namespace

Outcome decode_frame_method(Invocation& invocation) {
    Operation operation;
    if (!find_operation(invocation.label, static_cast<Label>(IsaLabel::page_clean_data), operation))
        return illegal_operation();
    if (invocation.length < 2)
        return truncated_message();
    const Capability& frame = invocation.cap();
    if (mapping::asid(frame) == 0)
        return illegal_operation();
    const AsidEntry* root = find_asid(invocation.system, mapping::asid(frame));
    if (!root)
        return failed_lookup(false, {.kind = LookupFailure::Kind::invalid_root});
    const Word start = invocation.word(0), end = invocation.word(1);
    if (end <= start)
        return invalid_argument(1);
    const std::uint64_t bytes = std::uint64_t{1} << frame_bits[frame::size(frame)];
    if (start >= bytes || end > bytes)
        return invalid_argument(0);
    const Place place = find_mapping(*root, frame);
    if (!place.entry)
        return invalid_capability(0);
    if (!may(operation, place.load()))
        return illegal_operation();
    maintain_if_ram(operation, frame.physical() + start, end - start);
    return {};
}

Outcome decode_root_method(Invocation& invocation) {
    Operation operation;
    if (!find_operation(invocation.label, static_cast<Label>(IsaLabel::vspace_clean_data), operation))
        return illegal_operation();
    if (invocation.length < 2)
        return truncated_message();
    const Word start = invocation.word(0), end = invocation.word(1);
    if (end <= start)
        return invalid_argument(1);
    if (end > mapping_end)
        return illegal_operation();
    if (!mapping::table_is_mapped(invocation.cap()))
        return invalid_capability(0);
    const AsidEntry* root = TRY(root_of(invocation.system, invocation.cap(), 0));
    const Place place = find_place(root->table(), start);
    if (!is_leaf(place))
        return {}; // nothing of it can be in a cache
    const std::uint64_t bytes = std::uint64_t{1} << place.bits_left();
    const Word page = align_down(start, bytes);
    if (align_down(end - 1, bytes) != page)
        return range_error(start, page + bytes - 1);
    if (!may(operation, place.load()))
        return illegal_operation();
    maintain_if_ram(operation, Format::address(place.load()) + (start - page), end - start);
    return {};
}

} // namespace abi::sel4::isa

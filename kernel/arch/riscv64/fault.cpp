#include "fault.hpp"

#include "thread/cpu.hpp"

#include <arch/cpu.hpp>
#include <arch/page_table.hpp>

namespace arch {
namespace {

using Kind = trap::Fault::Kind;
using Format = PageTableFormat;

/// Major opcodes (unprivileged specification, table 24.1).
enum Opcode : std::uint32_t {
    load_fp = 0x07,
    store_fp = 0x27,
    fmadd = 0x43,
    fmsub = 0x47,
    fnmsub = 0x4b,
    fnmadd = 0x4f,
    op_fp = 0x53,
    system = 0x73,
};

/// Compressed c.fld, c.fsd, c.fldsp, c.fsdsp (section 16.8).
constexpr bool is_compressed_fpu_instruction(std::uint32_t instruction) {
    std::uint32_t quadrant = instruction & 3;
    std::uint32_t function = instruction >> 13 & 7;
    return (quadrant == 0 || quadrant == 2) && (function == 1 || function == 5);
}

constexpr bool is_fpu_instruction(std::uint32_t instruction) {
    if ((instruction & 3) != 3)
        return is_compressed_fpu_instruction(instruction);
    std::uint32_t csr = instruction >> 20;
    switch (instruction & 0x7f) {
    case load_fp:
    case store_fp:
    case fmadd:
    case fmsub:
    case fnmsub:
    case fnmadd:
    case op_fp:
        return true;
    case system: // fflags, frm, fcsr
        return (instruction >> 12 & 3) != 0 && csr >= 1 && csr <= 3;
    default:
        return false;
    }
}

Kind illegal_kind(std::uint64_t instruction) {
    return (instruction & 0x7f) == system ? Kind::privileged_instruction : Kind::illegal_instruction;
}

Kind kind_of(Cause cause, std::uint64_t value) {
    switch (cause) {
    case Cause::fetch_misaligned:
    case Cause::load_misaligned:
    case Cause::store_misaligned:
        return Kind::alignment;
    case Cause::fetch_access:
    case Cause::load_access:
    case Cause::store_access:
        return Kind::bus_error;
    case Cause::breakpoint:
        return Kind::breakpoint;
    case Cause::fetch_page:
        return Kind::execute;
    case Cause::load_page:
        return Kind::read;
    case Cause::store_page:
        return Kind::write;
    default:
        return illegal_kind(value);
    }
}

/// Where the leaf of `va` stands in the table under `root`; 0: not mapped.
Format::Entry find_leaf(PhysAddr root, std::uintptr_t va) {
    const auto* table = phys_to_virt<const Format::Entry>(root);
    for (unsigned level = 0; level < Format::levels; ++level) {
        unsigned shift = page_shift + Format::entry_bits * (Format::levels - 1 - level);
        Format::Entry entry = table[va >> shift & ((1u << Format::entry_bits) - 1)];
        if (!Format::is_present(entry))
            return 0;
        if (!Format::is_table(entry, level))
            return entry;
        table = phys_to_virt<const Format::Entry>(Format::address(entry));
    }
    return 0;
}

/// Sv39 addresses repeat bit 38 in all bits above; others are mapped nowhere.
constexpr bool is_canonical(std::uintptr_t va) {
    auto high = static_cast<std::intptr_t>(va) >> 38;
    return high == 0 || high == -1;
}

bool is_mapped(std::uintptr_t va) {
    PhysAddr root{(CSR_READ(satp) & ((std::uint64_t{1} << 44) - 1)) << page_shift};
    return is_canonical(va) && find_leaf(root, va) != 0;
}

} // namespace

bool is_fpu_unavailable(Cause cause, std::uint64_t value) {
    return cause == Cause::illegal_instruction && is_fpu_instruction(static_cast<std::uint32_t>(value))
           && (CSR_READ(sstatus) & SSTATUS_FS) == 0;
}

trap::Fault describe_fault(Cause cause, std::uint64_t value, std::uintptr_t pc, bool user) {
    Kind kind = kind_of(cause, value);
    bool has_address =
        kind != Kind::breakpoint && kind != Kind::illegal_instruction && kind != Kind::privileged_instruction;
    return {
        .kind = kind,
        .user = user,
        .present = is_page_fault(cause) && is_mapped(value),
        .address = has_address ? value : pc,
        .pc = pc,
        .cause = static_cast<std::uint64_t>(cause)};
}

bool is_stale_kernel_fault(const trap::Fault& fault) {
    if (fault.address < direct_map_base || !is_canonical(fault.address))
        return false;
    PageRights rights = Format::rights(find_leaf(kernel_root(), fault.address));
    switch (fault.kind) {
    case Kind::read:
        return rights.read;
    case Kind::write:
        return rights.write;
    default:
        return rights.execute;
    }
}

} // namespace arch

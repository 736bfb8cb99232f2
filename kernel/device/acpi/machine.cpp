#include "device/acpi/machine.hpp"

#include "device/acpi/table.hpp"
#include "lib/log.hpp"

namespace device::acpi {
namespace {

constinit Machine found_machine{};
constinit bool has_machine = false;

// Root pointer (5.2.5.3)
constexpr std::string_view root_signature = "RSD PTR ";
constexpr std::size_t root_size = 20, extended_root_size = 36, revision_at = 15, rsdt_at = 16, xsdt_at = 24;
constexpr std::size_t longest_root = 64;

/// A good root pointer's bytes (of revision 0: the first 20).
Result<Bytes> read_root(PhysAddr address, Reader reader) {
    const auto* start = static_cast<const std::byte*>(reader(address, root_size));
    if (!start || Bytes({start, root_size}).text(0, root_signature.size()) != root_signature
        || !sums_to_zero({start, root_size}))
        return fail(Error::not_found);
    const auto revision = Bytes({start, root_size}).number<std::uint8_t>(revision_at);
    if (revision < 2)
        return Bytes({start, root_size});
    const auto* extended = static_cast<const std::byte*>(reader(address, extended_root_size));
    if (!extended)
        return Bytes({start, root_size});
    const auto length = Bytes({extended, extended_root_size}).number<std::uint32_t>(root_size);
    if (length < extended_root_size || length > longest_root)
        return Bytes({start, root_size}); // its first part is good
    const auto* whole = static_cast<const std::byte*>(reader(address, length));
    if (!whole || !sums_to_zero({whole, length}))
        return Bytes({start, root_size});
    return Bytes({whole, length});
}

void read_definitions(const Bytes& block, Machine& machine) {
    read_soft_off(block, machine);
    read_virtio_devices(block, machine);
}

void read_one(PhysAddr address, Reader reader, Machine& machine) {
    const Result<Bytes> table = read_table(address, reader);
    if (!table) {
        klog::warning("ACPI: the table at {:x} is bad and ignored: {}", address, table.error());
        return;
    }
    const std::string_view signature = table->text(0, 4);
    if (signature == "APIC")
        read_madt(*table, machine);
    else if (signature == "MCFG")
        read_mcfg(*table, machine);
    else if (signature == "HPET")
        read_hpet(*table, machine);
    else if (signature == "SSDT")
        read_definitions(*table, machine);
    else if (signature == "FACP") {
        read_fadt(*table, machine);
        if (const Result<Bytes> dsdt = read_table(dsdt_address(*table), reader))
            read_definitions(*dsdt, machine);
    }
}

/// The tables that the XSDT (8-byte addresses) or the RSDT (4-byte) lists.
template <typename Address>
bool read_list(PhysAddr list, std::string_view signature, Reader reader, Machine& machine) {
    const Result<Bytes> table = read_table(list, reader);
    if (!table || table->text(0, 4) != signature)
        return false;
    for (std::size_t at = header_size; const auto address = table->get<Address>(at); at += sizeof(Address))
        read_one({*address}, reader, machine);
    return true;
}

} // namespace

InterruptLine Machine::isa_line(std::uint8_t number) const {
    for (const IsaOverride& override : isa_overrides.items())
        if (override.isa_line == number)
            return override.line;
    return {number, Trigger::edge_rising};
}

Result<PhysAddr> find_root_pointer(Reader reader) {
    constexpr PhysAddr extended_bios_pointer{0x40e};
    constexpr std::uint64_t bios_start = 0xe'0000, bios_end = 0x10'0000, step = 16, extended_bytes = 1024;
    if (const void* segment = reader(extended_bios_pointer, sizeof(std::uint16_t))) {
        std::uint16_t value;
        std::memcpy(&value, segment, sizeof(value));
        const std::uint64_t start = std::uint64_t{value} << 4;
        for (std::uint64_t at = start; start != 0 && at < start + extended_bytes; at += step)
            if (read_root({at}, reader))
                return PhysAddr{at};
    }
    for (std::uint64_t at = bios_start; at < bios_end; at += step)
        if (read_root({at}, reader))
            return PhysAddr{at};
    return fail(Error::not_found);
}

Result<Machine> read_machine(PhysAddr root_pointer, Reader reader) {
    const Bytes root = TRY(read_root(root_pointer, reader));
    Machine machine;
    const PhysAddr xsdt{root.number<std::uint64_t>(xsdt_at)};
    if (!read_list<std::uint64_t>(xsdt, "XSDT", reader, machine)
        && !read_list<std::uint32_t>({root.number<std::uint32_t>(rsdt_at)}, "RSDT", reader, machine))
        return fail(Error::not_found);
    return machine;
}

const Machine* machine() {
    return has_machine ? &found_machine : nullptr;
}

void set_machine(const Machine& machine) {
    found_machine = machine;
    has_machine = true;
}

} // namespace device::acpi

// From the PVH start info to boot::kernel_main().

#include "arch/x86_64/apic.hpp"
#include "arch/x86_64/boot_map.hpp"
#include "arch/x86_64/calibration.hpp"
#include "arch/x86_64/descriptors.hpp"
#include "arch/x86_64/features.hpp"
#include "arch/x86_64/linker.hpp"
#include "arch/x86_64/machine.hpp"
#include "arch/x86_64/power.hpp"
#include "arch/x86_64/pvh.hpp"
#include "arch/x86_64/vectors.hpp"
#include "boot/boot_info.hpp"
#include "device/acpi/machine.hpp"
#include "lib/log.hpp"
#include "lib/log_sink.hpp"

#include <arch/clock.hpp>
#include <arch/cpu.hpp>
#include <arch/firmware_tables.hpp>
#include <arch/page_table.hpp>
#include <arch/port_io.hpp>

namespace arch {
namespace {

constexpr std::uint64_t first_usable = 1 << 20; // below: firmware, legacy devices, the page where CPUs start

constinit boot::BootInfo boot_info{};
/// Firmware tables to be shown in the direct map.
constinit std::array<boot::MemoryRegion, boot::BootInfo::max_regions> firmware{};
constinit std::size_t firmware_count = 0;

void add_firmware(PhysAddr start, std::uint64_t size) {
    if (firmware_count < firmware.size())
        firmware[firmware_count++] = {start, size};
}

void add_memory(const pvh::MemoryEntry& entry) {
    const std::uint64_t start = align_up(entry.address < first_usable ? first_usable : entry.address, page_size);
    const std::uint64_t end = align_down(entry.address + entry.size, page_size);
    if (start < end && boot_info.memory_count < boot_info.memory.size())
        boot_info.memory[boot_info.memory_count++] = {{start}, end - start};
}

/// Reserved ranges that end a bank of RAM hold the firmware's tables; other reserved ranges are devices.
bool follows_memory(const pvh::MemoryEntry& entry) {
    constexpr std::uint64_t largest = 16 << 20;
    for (std::size_t i = 0; i < boot_info.memory_count; ++i) {
        const boot::MemoryRegion& memory = boot_info.memory[i];
        if (align_down(entry.address, page_size) == memory.start.value + memory.size && entry.size <= largest)
            return true;
    }
    return false;
}

void read_memory_map(const pvh::StartInfo& start) {
    const auto* entries = phys_to_virt<const pvh::MemoryEntry>({start.memory_map});
    for (std::uint32_t i = 0; i < start.memory_map_entries; ++i)
        if (entries[i].type == pvh::MemoryEntry::ram)
            add_memory(entries[i]);
    add_firmware({0}, first_usable);
    for (std::uint32_t i = 0; i < start.memory_map_entries; ++i) {
        const pvh::MemoryEntry& entry = entries[i];
        const bool tables = entry.type == pvh::MemoryEntry::acpi || entry.type == pvh::MemoryEntry::acpi_storage;
        if (tables || (entry.type == pvh::MemoryEntry::reserved && follows_memory(entry)))
            add_firmware({entry.address}, entry.size);
    }
}

void read_command_line(const pvh::StartInfo& start) {
    static constinit std::array<char, 4096> text{}; // the original lies in memory below 1 MiB or is given away
    const auto* from = start.command_line != 0 ? phys_to_virt<const char>({start.command_line}) : "";
    std::size_t length = 0;
    while (length < text.size() && from[length] != '\0') {
        text[length] = from[length];
        ++length;
    }
    boot_info.command_line = {text.data(), length};
}

void read_modules(const pvh::StartInfo& start) {
    if (start.module_count == 0)
        return;
    const auto& module = *phys_to_virt<const pvh::Module>({start.modules});
    if (module.address < image_to_phys(image_end).value
        && image_to_phys(image_start).value < module.address + module.size)
        panic("too little memory: the initrd was loaded over the kernel"); // if what runs here is still whole
    boot_info.initrd = {{module.address}, module.size};
    boot_info.reserved[boot_info.reserved_count++] = {
        {align_down(module.address, page_size)},
        align_up(module.address + module.size, page_size) - align_down(module.address, page_size)};
}

void collect_boot_info(const pvh::StartInfo& start) {
    read_memory_map(start);
    read_command_line(start);
    read_modules(start);
    boot_info.acpi_rsdp = {start.root_pointer};
    for (std::uint64_t& word : boot_info.entropy)
        word = random_word();
}

const void* show_physical(PhysAddr start, std::uint64_t bytes) {
    return in_direct_map(start, bytes) ? phys_to_virt<const void>(start) : nullptr;
}

void read_acpi() {
    if (boot_info.acpi_rsdp.value == 0) {
        const auto found = device::acpi::find_root_pointer(show_physical);
        if (!found)
            return;
        boot_info.acpi_rsdp = *found;
    }
    if (const auto machine = device::acpi::read_machine(boot_info.acpi_rsdp, show_physical))
        device::acpi::set_machine(*machine);
    else
        klog::warning("no usable ACPI tables");
}

/// The boot CPU first, then the others of the MADT.
void list_cpus() {
    const std::uint32_t own = apic_id();
    boot_info.cpus[0] = own;
    boot_info.cpu_count = 1;
    const device::acpi::Machine* machine = device::acpi::machine();
    if (!machine)
        return;
    for (const device::acpi::Processor& processor : machine->processors.items())
        if (processor.apic_id != own && boot_info.cpu_count < boot::BootInfo::max_cpus)
            boot_info.cpus[boot_info.cpu_count++] = processor.apic_id;
}

/// COM1 as the firmware left it, for a panic before its driver runs. Where there is none the status reads as ones.
void write_early(std::string_view text) {
    constexpr std::uint16_t com1 = 0x3f8, line_status = com1 + 5;
    constexpr std::uint8_t transmit_empty = 0x20;
    for (const char c : text) {
        while ((PortIo::read8(line_status) & transmit_empty) == 0)
            spin_hint();
        PortIo::write8(com1, static_cast<std::uint8_t>(c));
    }
}

/// Both 8259 interrupt controllers quiet: everything comes through the I/O APICs. Their vectors are moved away from the
/// exceptions first, because a spurious one cannot be masked.
void silence_legacy_controllers() {
    constexpr std::uint16_t first_command = 0x20, first_data = 0x21, second_command = 0xa0, second_data = 0xa1;
    PortIo::write8(first_command, 0x11);
    PortIo::write8(second_command, 0x11);
    PortIo::write8(first_data, vector::first_legacy);
    PortIo::write8(second_data, vector::first_legacy + 8);
    PortIo::write8(first_data, 4);
    PortIo::write8(second_data, 2);
    PortIo::write8(first_data, 1);
    PortIo::write8(second_data, 1);
    PortIo::write8(first_data, 0xff);
    PortIo::write8(second_data, 0xff);
}

} // namespace

std::span<const boot::MemoryRegion> firmware_tables() {
    return std::span(firmware).first(firmware_count);
}

/// From boot.S, on the boot tables.
extern "C" [[noreturn]] void boot_start(std::uint64_t start_info) {
    klog::set_panic_sink(write_early);
    detect_features();
    apply_alternatives();
    build_idt();
    load_idt();
    const auto& start = *phys_to_virt<const pvh::StartInfo>({start_info});
    if (start.magic != pvh::StartInfo::expected_magic)
        halt();
    collect_boot_info(start);
    build_kernel_tables(boot_info, {firmware.data(), firmware_count});
    read_acpi();
    silence_legacy_controllers();
    prepare_power_registers();
    const device::acpi::Machine* machine = device::acpi::machine();
    set_apic_address(machine ? machine->local_apic : PhysAddr{0xfee0'0000});
    initialise_apic();
    calibrate_clocks();
    list_cpus();
    announce_machine();
    for (auto* construct = init_array_start; construct != init_array_end; ++construct)
        (*construct)();
    boot::kernel_main(boot_info);
}

} // namespace arch

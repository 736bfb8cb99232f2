#include "arch/x86_64/apic.hpp"
#include "arch/x86_64/boot_map.hpp"
#include "arch/x86_64/calibration.hpp"
#include "arch/x86_64/features.hpp"
#include "arch/x86_64/msr.hpp"
#include "device/acpi/machine.hpp"
#include "lib/log.hpp"

#include <arch/clock.hpp>
#include <arch/cpu.hpp>
#include <arch/port_io.hpp>

namespace arch {
namespace {

constinit std::uint64_t tsc_hz = 0;
constinit std::uint64_t apic_per_tsc = 0; // 32.32 fixed point

/// A counter of known rate.
struct Reference {
    std::uint32_t (*read)();
    std::uint64_t hz = 0; // 0: not there
    std::uint32_t mask = ~0u;
};

// HPET (IA-PC HPET specification 1.0a, 2.3): counter period in fs in the upper half of the capabilities.
constinit volatile std::uint32_t* hpet_registers = nullptr;
constexpr std::size_t hpet_period = 0x04 / 4, hpet_configuration = 0x10 / 4, hpet_counter = 0xf0 / 4;

Reference hpet_reference(const device::acpi::Machine& machine) {
    if (!machine.hpet)
        return {};
    hpet_registers = static_cast<volatile std::uint32_t*>(map_at_boot(BootSlot::hpet, *machine.hpet));
    const std::uint32_t period = hpet_registers[hpet_period];
    constexpr std::uint32_t longest_period = 100'000'000; // by the specification
    if (period == 0 || period > longest_period)
        return {};
    hpet_registers[hpet_configuration] = hpet_registers[hpet_configuration] | 1;
    constexpr std::uint64_t femtoseconds = 1'000'000'000'000'000;
    return {[]() -> std::uint32_t { return hpet_registers[hpet_counter]; }, femtoseconds / period};
}

constinit std::uint16_t power_timer_port = 0;

Reference power_timer_reference(const device::acpi::Machine& machine) {
    if (!machine.power_timer_port)
        return {};
    power_timer_port = *machine.power_timer_port;
    constexpr std::uint64_t hz = 3'579'545;
    return {[]() -> std::uint32_t { return PortIo::read32(power_timer_port); }, hz, 0xff'ffff};
}

// 8254, channel 0 (its gate is always open; channel 2 needs a port that not every machine has): counts down from 65535.
constexpr std::uint16_t pit_channel0 = 0x40, pit_command = 0x43;

std::uint32_t read_pit() {
    constexpr std::uint8_t latch_channel0 = 0x00;
    PortIo::write8(pit_command, latch_channel0);
    const std::uint32_t low = PortIo::read8(pit_channel0);
    return ~(low | static_cast<std::uint32_t>(PortIo::read8(pit_channel0)) << 8);
}

Reference pit_reference() {
    constexpr std::uint8_t channel0_low_high_mode0 = 0x30;
    PortIo::write8(pit_command, channel0_low_high_mode0);
    PortIo::write8(pit_channel0, 0xff);
    PortIo::write8(pit_channel0, 0xff);
    constexpr int patience = 1000; // a tick is less than a microsecond
    const std::uint32_t start = read_pit();
    for (int i = 0; i < patience; ++i)
        if (read_pit() != start)
            return {read_pit, 1'193'182, 0xffff};
    return {}; // nothing there: the ports read as ones
}

Reference choose_reference() {
    if (const device::acpi::Machine* machine = device::acpi::machine()) {
        if (const Reference hpet = hpet_reference(*machine); hpet.hz != 0)
            return hpet;
        if (const Reference timer = power_timer_reference(*machine); timer.hz != 0)
            return timer;
    }
    return pit_reference();
}

/// All three clocks at one moment: the tightest of some tries, because the emulator or host may stop us in between.
struct Sample {
    std::uint64_t tsc;
    std::uint32_t reference, apic;
};

Sample take_sample(const Reference& reference) {
    constexpr int tries = 5;
    Sample best{};
    std::uint64_t tightest = ~std::uint64_t{0};
    for (int i = 0; i < tries; ++i) {
        const std::uint64_t before = counter();
        const std::uint32_t ticks = reference.read();
        const std::uint32_t apic = read_apic(ApicRegister::timer_current);
        const std::uint64_t after = counter();
        if (after - before < tightest) {
            tightest = after - before;
            best = {before + (after - before) / 2, ticks, apic};
        }
    }
    return best;
}

/// Runs the APIC timer beside the reference and the TSC for `milliseconds`.
void measure(const Reference& reference) {
    constexpr std::uint64_t milliseconds = 2;
    const std::uint64_t window = reference.hz * milliseconds / 1000;
    const Sample start = take_sample(reference);
    while (((reference.read() - start.reference) & reference.mask) < window)
        spin_hint();
    const Sample end = take_sample(reference);
    const std::uint64_t elapsed = (end.reference - start.reference) & reference.mask;
    const std::uint64_t tsc = end.tsc - start.tsc;
    if (tsc_hz == 0)
        tsc_hz = tsc * reference.hz / elapsed;
    apic_per_tsc = (std::uint64_t{start.apic - end.apic} << 32) / tsc;
}

} // namespace

void calibrate_clocks() {
    tsc_hz = features().cpuid_tsc_hz;
    if (tsc_hz != 0 && features().tsc_deadline)
        return;
    write_apic(ApicRegister::timer_entry, 1u << 16); // masked, one-shot
    write_apic(ApicRegister::timer_initial, ~0u);
    const Reference reference = choose_reference();
    if (reference.hz != 0)
        measure(reference);
    write_apic(ApicRegister::timer_initial, 0);
    if (tsc_hz == 0) {
        tsc_hz = 1'000'000'000;
        apic_per_tsc = std::uint64_t{1} << 32;
        klog::warning("no clock to measure the TSC with: taken to run at 1 GHz");
    }
    if (!features().invariant_tsc && !features().hypervisor)
        klog::warning("this CPU does not promise a constant TSC: clocks may drift");
}

std::uint64_t counter_frequency() {
    return tsc_hz;
}

void set_alarm(std::uint64_t counter_value) {
    if (features().tsc_deadline)
        return write_msr(msr::tsc_deadline, counter_value | 1); // 0 would disarm
    const std::uint64_t now = counter();
    const std::uint64_t wait = counter_value > now ? counter_value - now : 0;
    constexpr std::uint64_t longest = 0xffff'ffff;
    const auto ticks = static_cast<unsigned __int128>(wait) * apic_per_tsc >> 32;
    write_apic(ApicRegister::timer_initial, static_cast<std::uint32_t>(ticks < longest ? ticks + 1 : longest));
}

void stop_alarm() {
    if (features().tsc_deadline)
        write_msr(msr::tsc_deadline, 0);
    else
        write_apic(ApicRegister::timer_initial, 0);
}

} // namespace arch

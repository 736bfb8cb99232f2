#pragma once
// How fast the time-stamp counter and the local APIC's timer run.

namespace arch {

/// Measures both against the first clock of known rate that the machine has: what CPUID says, HPET, ACPI power
/// management timer, 8254 timer. Boot CPU, interrupts off, local APIC on, ACPI read. Takes some milliseconds.
void calibrate_clocks();

} // namespace arch

#pragma once

namespace arch {

/// Makes the registers that power_off() and reboot() need reachable. Boot CPU, after ACPI was read.
void prepare_power_registers();

} // namespace arch

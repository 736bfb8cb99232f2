#pragma once

namespace arch {

/// Tells device/ how the devices of a PC are found. Boot CPU, ACPI read.
void announce_machine();

} // namespace arch

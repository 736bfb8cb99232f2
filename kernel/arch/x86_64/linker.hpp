#pragma once
// Addresses that kernel.ld defines. Only their addresses mean anything.

namespace arch {

extern "C" {
// NOLINTBEGIN(bugprone-dynamic-static-initializers): the linker defines them
extern const char image_start[], image_end[];
extern const char text_start[], text_end[], trampoline_start[], trampoline_end[];
extern const char data_start[], read_only_after_boot_start[], read_only_after_boot_end[];
extern void (*const init_array_start[])();
extern void (*const init_array_end[])();
extern const char boot_stack_guard[], boot_stack_bottom[], boot_stack_top[];
// NOLINTEND(bugprone-dynamic-static-initializers)
}

} // namespace arch

// Starting a CPU: INIT, then a startup IPI that names the page of its first instructions (SDM volume 3, 9.4.4).

#include "boot/secondary.hpp"

#include "arch/x86_64/apic.hpp"
#include "arch/x86_64/boot_map.hpp"
#include "memory/kernel_map.hpp"
#include "thread/cpu.hpp"

#include <arch/boot.hpp>
#include <arch/clock.hpp>
#include <arch/page_table.hpp>
#include <atomic>
#include <cstring>

namespace arch {
namespace {

extern "C" {
extern const char secondary_code[], secondary_code_end[];
// Words inside that code; their copies are filled.
extern const char secondary_stack[], secondary_cpu[];
}
extern "C" const char secondary_root_word[];

/// Set by the new CPU as soon as it no longer needs the page.
constinit std::atomic<bool> arrived{false};

void wait_microseconds(std::uint64_t microseconds) {
    const std::uint64_t end = counter() + counter_frequency() / 1'000'000 * microseconds;
    while (counter() < end)
        spin_hint();
}

bool wait_for_arrival(std::uint64_t microseconds) {
    const std::uint64_t end = counter() + counter_frequency() / 1'000'000 * microseconds;
    while (!arrived.load(std::memory_order_acquire))
        if (counter() >= end)
            return false;
        else
            spin_hint();
    return true;
}

void fill_page(std::uintptr_t stack, const thread::Cpu& cpu) {
    auto* page = phys_to_virt<char>({SECONDARY_PAGE});
    std::memcpy(page, secondary_code, static_cast<std::size_t>(secondary_code_end - secondary_code));
    const auto store = [&](const char* word, std::uint64_t value) {
        std::memcpy(page + (word - secondary_code), &value, sizeof(value));
    };
    store(secondary_root_word, secondary_root().value);
    store(secondary_stack, stack);
    store(secondary_cpu, reinterpret_cast<std::uintptr_t>(&cpu));
}

} // namespace

/// From secondary.S: 64-bit mode, the kernel's upper half.
extern "C" [[noreturn]] void secondary_start(thread::Cpu& cpu) {
    activate_kernel_translation();
    arrived.store(true, std::memory_order_release);
    boot::secondary_main(cpu);
}

Result<> start_secondary(std::uint64_t hardware_id, thread::Cpu& cpu) {
    const std::uintptr_t stack = TRY(memory::allocate_kernel_stack());
    fill_page(stack, cpu);
    arrived.store(false, std::memory_order_relaxed);
    const auto target = static_cast<std::uint32_t>(hardware_id);
    constexpr std::uint64_t after_init = 200, after_startup = 200, patience = 100'000; // microseconds
    send_apic_command(target, apic_command::init | apic_command::assert_level);
    wait_microseconds(after_init);
    for (int attempt = 0; attempt < 2; ++attempt) {
        send_apic_command(target, apic_command::startup | apic_command::assert_level | SECONDARY_PAGE >> page_shift);
        if (wait_for_arrival(attempt == 0 ? after_startup : patience))
            return {};
    }
    // The stack is not given back: a CPU that comes late would run on it.
    return fail(Error::timed_out);
}

} // namespace arch

// From the boot protocol to the first program, step by step. The order is the dependency: each step may use what stands
// above it.

#include "boot/boot_info.hpp"
#include "boot/command_line.hpp"
#include "boot/first_process.hpp"
#include "boot/secondary.hpp"
#include "device/interrupt_controller.hpp"
#include "device/platform.hpp"
#include "device/real_time_clock.hpp"
#include "file/initialise.hpp"
#include "file/port_device.hpp"
#include "file/random.hpp"
#include "lib/log.hpp"
#include "memory/frame.hpp"
#include "memory/kernel_map.hpp"
#include "terminal/device.hpp"
#include "thread/cpu.hpp"
#include "thread/scheduler.hpp"
#include "thread/wall_clock.hpp"

#include <algorithm>
#include <arch/boot.hpp>

namespace boot {
namespace {

Result<> set_log_level(BootInfo& info) {
    constexpr std::array<std::string_view, 4> names{"error", "warn", "info", "debug"}; // in klog::Level's order
    if (const auto wanted = CommandLine(info.command_line).value("log"))
        for (std::size_t level = 0; level < names.size(); ++level)
            if (*wanted == names[level])
                klog::set_level(static_cast<klog::Level>(level));
    return {};
}

Result<> make_cpus(BootInfo& info) {
    const std::uint64_t limit = CommandLine(info.command_line).number("smp").value_or(BootInfo::max_cpus);
    info.cpu_count = static_cast<std::size_t>(std::clamp<std::uint64_t>(limit, 1, info.cpu_count));
    thread::initialise_cpus(std::span(info.cpus).first(info.cpu_count));
    arch::set_current_cpu(thread::cpu(0));
    arch::initialise_cpu();
    return {};
}

Result<> start_memory(BootInfo& info) {
    memory::initialise_frames(info);
    return {};
}

Result<> start_scheduler(BootInfo&) {
    thread::Cpu& cpu = thread::cpu(0);
    thread::start_clock();
    cpu.idle = TRY(thread::create_idle_thread());
    thread::adopt_idle_thread(cpu);
    cpu.online.store(true);
    return {};
}

Result<> start_interrupts(BootInfo& info) {
    TRY(device::start_interrupt_controller(info));
    device::interrupt_controller().initialise_cpu(thread::cpu(0));
    return {};
}

Result<> seed_random(BootInfo& info) {
    file::add_entropy(info.entropy);
    return {};
}

Result<> start_files(BootInfo& info) {
    return file::initialise(info);
}

Result<> start_devices(BootInfo& info) {
    InterruptGuard no_interrupts;
    device::start_devices(info);
    if (device::RealTimeClock* clock = device::real_time_clock())
        thread::set_wall_time(clock->seconds() * 1'000'000'000);
    return {};
}

Result<> start_console(BootInfo&) {
    TRY(terminal::start_console());
    return file::start_ports();
}

struct Step {
    const char* name;
    Result<> (*run)(BootInfo& info);
};

/// On the boot CPU's idle thread, interrupts off: until there are threads and interrupts.
constexpr std::array first_steps{
    Step{"log level", set_log_level},
    Step{"CPUs", make_cpus},
    Step{"memory", start_memory},
    Step{"scheduler", start_scheduler},
    Step{"interrupt controller", start_interrupts},
};

/// On a kernel thread of the boot CPU, which may sleep.
constexpr std::array later_steps{
    Step{"random numbers", seed_random},
    Step{"devices", start_devices},
    Step{"files", start_files},
    Step{"console", start_console},
    Step{"other CPUs", start_secondary_cpus},
    Step{"first process", start_first_process},
};

void take(std::span<const Step> steps, BootInfo& info) {
    for (const Step& step : steps) {
        klog::debug("boot: {}", step.name);
        if (const auto done = step.run(info); !done) {
            klog::error("boot: {}: {}", step.name, done.error());
            panic("the kernel could not start");
        }
    }
}

void take_later_steps(void* info) {
    take(later_steps, *static_cast<BootInfo*>(info));
}

} // namespace

void kernel_main(BootInfo& info) {
    take(first_steps, info);
    auto thread = thread::create_kernel_thread("boot", take_later_steps, &info);
    if (!thread)
        panic("no memory for the boot thread");
    (*thread)->affinity = 1; // until it has started the other CPUs, there is only this one
    thread::start(**thread);
    thread->reset();
    thread::idle_loop();
}

} // namespace boot

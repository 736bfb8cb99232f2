#include "boot/secondary.hpp"

#include "device/interrupt_controller.hpp"
#include "lib/log.hpp"
#include "thread/cpu.hpp"
#include "thread/scheduler.hpp"

#include <arch/boot.hpp>

namespace boot {
namespace {

constexpr thread::Time start_timeout = 1'000'000'000; // ns

bool came_online(const thread::Cpu& cpu) {
    const thread::Time deadline = thread::now() + start_timeout;
    while (!cpu.online.load(std::memory_order_acquire)) {
        if (thread::now() > deadline)
            return false;
        arch::spin_hint();
    }
    return true;
}

} // namespace

Result<> start_secondary_cpus(BootInfo&) {
    for (unsigned index = 1; index < thread::cpu_count(); ++index) {
        thread::Cpu& cpu = thread::cpu(index);
        cpu.idle = TRY(thread::create_idle_thread());
        if (const auto started = arch::start_secondary(cpu.hardware_id, cpu); !started)
            klog::error("cpu {} (hardware id {:x}) did not start: {}", index, cpu.hardware_id, started.error());
        else if (!came_online(cpu))
            klog::error("cpu {} (hardware id {:x}) did not come online", index, cpu.hardware_id);
    }
    return {};
}

void secondary_main(thread::Cpu& cpu) {
    arch::set_current_cpu(cpu);
    arch::initialise_cpu();
    thread::adopt_idle_thread(cpu);
    device::interrupt_controller().initialise_cpu(cpu);
    cpu.online.store(true, std::memory_order_release);
    thread::idle_loop();
}

} // namespace boot

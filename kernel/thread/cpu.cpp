#include "thread/cpu.hpp"

#include "boot/boot_info.hpp"

#include <arch/boot.hpp>
#include <new>

namespace thread {
namespace {

// Constructed at boot, not before: the kernel has no static constructors.
alignas(Cpu) constinit std::array<std::byte, sizeof(Cpu) * max_cpus> storage{};
constinit unsigned count = 0;

} // namespace

void initialise_cpus(std::span<const std::uint64_t> hardware_ids) {
    for (std::uint64_t id : hardware_ids) {
        Cpu& cpu = *new (storage.data() + count * sizeof(Cpu)) Cpu;
        cpu.index = count++;
        cpu.hardware_id = id;
    }
}

Cpu& cpu(unsigned index) {
    return reinterpret_cast<Cpu*>(storage.data())[index];
}

unsigned cpu_count() {
    return count;
}

void send_ipi(Cpu& target, std::uint32_t requests) {
    target.ipi_requests.fetch_or(requests, std::memory_order_release);
    arch::send_ipi(target);
}

void synchronise_cpus() {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    for (unsigned i = 0; i < cpu_count(); ++i) {
        Cpu& target = cpu(i);
        if (!target.online.load(std::memory_order_relaxed))
            continue;
        const std::uint32_t before = target.barriers.load(std::memory_order_relaxed);
        send_ipi(target, ipi_barrier);
        while (target.barriers.load(std::memory_order_acquire) == before)
            arch::spin_hint();
    }
    std::atomic_thread_fence(std::memory_order_seq_cst);
}

} // namespace thread

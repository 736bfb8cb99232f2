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

} // namespace thread

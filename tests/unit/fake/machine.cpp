#include "fake/machine.hpp"

#include "fake/tlb.hpp"
#include "memory/address_space.hpp"
#include "memory/frame.hpp"
#include "thread/cpu.hpp"
#include "thread/scheduler.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>

namespace {

constexpr std::uint64_t ram_start = 0x4000'0000;

thread::Cpu* cpu = nullptr;
bool interrupts = true;
std::uint64_t clock_now = 1000;
std::uint64_t alarm_at = ~std::uint64_t{0};
const arch::Translation* active = nullptr;
alignas(page_size) std::uint64_t kernel_root_table[512];

[[noreturn]] void stop(const char* why) {
    std::fprintf(stderr, "fake ISA: %s\n", why);
    std::abort();
}

} // namespace

namespace arch {

std::uintptr_t direct_map_base = 0;

void initialise_user_frame(UserFrame& frame, std::uintptr_t pc, std::uintptr_t sp) {
    frame.general = {};
    frame.program_counter = pc;
    frame.stack_pointer = sp;
    frame.status = 0;
}
void restore_user_context(UserFrame&) {
    stop("a test went to user mode");
}

thread::Cpu& current_cpu() {
    return *cpu;
}
void set_current_cpu(thread::Cpu& wanted) {
    cpu = &wanted;
}
InterruptState save_and_disable_interrupts() {
    return std::exchange(interrupts, false);
}
void restore_interrupts(InterruptState state) {
    interrupts = state;
}
bool interrupts_enabled() {
    return interrupts;
}
void enable_interrupts() {
    interrupts = true;
}
void disable_interrupts() {
    interrupts = false;
}
void wait_for_interrupt() {
    stop("a test went to sleep");
}
void halt() {
    stop("halt");
}
void initialise_cpu() {}
Result<> start_secondary(std::uint64_t, thread::Cpu&) {
    return fail(Error::no_device);
}
void send_ipi(thread::Cpu&) {}
void power_off() {
    stop("power off (a panic?)");
}
void reboot() {
    stop("reboot");
}

KernelContext make_kernel_context(std::uintptr_t stack_top, void (*)(void*), void*) {
    return {stack_top};
}
void switch_kernel_context(KernelContext&, const KernelContext&) {
    stop("a test blocked: nothing will wake it");
}
void load_kernel_context(const KernelContext&) {
    stop("a test left its thread");
}

std::uint64_t counter() {
    return clock_now;
}
void set_alarm(std::uint64_t counter_value) {
    alarm_at = counter_value;
}
void stop_alarm() {
    alarm_at = ~std::uint64_t{0};
}

PhysAddr kernel_root() {
    return virt_to_phys(kernel_root_table);
}
void activate_translation(const Translation& translation) {
    active = &translation;
}
void activate_kernel_translation() {
    active = nullptr;
}

} // namespace arch

namespace fake {

const arch::Translation* active_translation() {
    return active;
}

Machine::Machine(std::size_t ram_bytes) : bytes_(ram_bytes) {
    arena_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (arena_ == MAP_FAILED)
        stop("no memory for the arena");
    arch::direct_map_base = reinterpret_cast<std::uintptr_t>(arena_) - ram_start;
    active = nullptr;
    fake::tlb_clear();
    interrupts = true;

    std::memset(kernel_root_table, 0, sizeof kernel_root_table);
    boot::BootInfo info;
    info.memory[0] = {.start = {ram_start}, .size = bytes_};
    info.memory_count = 1;
    memory::initialise_frames(info);

    cpu = new thread::Cpu;
    cpu->idle = new thread::Thread;
    thread::adopt_idle_thread(*cpu);
}

Machine::~Machine() {
    enter(nullptr);
    delete cpu->idle;
    delete cpu;
    cpu = nullptr;
    munmap(arena_, bytes_);
}

thread::Thread& Machine::thread() {
    return *cpu->current;
}

void Machine::enter(memory::AddressSpace* address_space) {
    thread().address_space = address_space;
    const bool former = arch::save_and_disable_interrupts();
    if (cpu->address_space != address_space)
        memory::switch_address_space(address_space);
    arch::restore_interrupts(former);
}

void Machine::advance(std::uint64_t nanoseconds) {
    clock_now += nanoseconds;
}

std::uint64_t Machine::alarm() const {
    return alarm_at;
}

} // namespace fake

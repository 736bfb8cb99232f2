#include "clock.hpp"

#include "csr.hpp"
#include "lib/log.hpp"
#include "sbi.hpp"

#include <arch/clock.hpp>

namespace arch {
namespace {

constinit bool has_stimecmp = false;
constinit std::uint64_t timebase = 0;

constexpr std::uint64_t no_alarm = ~std::uint64_t{0};

/// The CPU may have stimecmp and the firmware not let us use it: tries, with stvec behind the try.
bool stimecmp_works() {
    std::uint64_t works, vector;
    asm volatile("   la    %1, 1f\n"
                 "   csrrw %1, stvec, %1\n"
                 "   li    %0, 0\n"
                 "   csrw  0x14d, %2\n"
                 "   li    %0, 1\n"
                 "   .balign 4\n"
                 "1: csrw  stvec, %1\n"
                 : "=&r"(works), "=&r"(vector)
                 : "r"(no_alarm)
                 : "memory");
    return works;
}

} // namespace

void use_isa(std::string_view isa) {
    has_stimecmp = isa.find("_sstc") != std::string_view::npos && stimecmp_works();
}

void use_timebase(std::uint64_t frequency) {
    if (frequency == 0)
        panic("the device tree has no timebase-frequency");
    timebase = frequency;
}

std::uint64_t counter_frequency() {
    return timebase;
}

void set_alarm(std::uint64_t counter_value) {
    if (has_stimecmp)
        CSR_WRITE(0x14d, counter_value); // stimecmp (Sstc extension 0.5.4)
    else
        sbi::set_timer(counter_value);
}

void stop_alarm() {
    set_alarm(no_alarm);
}

} // namespace arch

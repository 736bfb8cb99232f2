#pragma once
// A machine for unit tests: one CPU whose idle thread is the test itself, an arena of RAM, a clock that tests move.

#include "boot/boot_info.hpp"
#include "thread/thread.hpp"

#include <cstddef>
#include <cstdint>

namespace fake {

/// Lives through one test. Starts frames over `ram_bytes` of RAM; at its end the RAM goes.
class Machine {
public:
    explicit Machine(std::size_t ram_bytes = 16 << 20);
    ~Machine();
    Machine(const Machine&) = delete;

    /// The thread that the test runs as.
    thread::Thread& thread();
    /// Makes user addresses mean this address space's; null: host addresses again.
    void enter(memory::AddressSpace* address_space);
    /// Moves the clock forward.
    void advance(std::uint64_t nanoseconds);
    /// Where the alarm stands, in ns; ~0: stopped.
    std::uint64_t alarm() const;

private:
    void* arena_ = nullptr;
    std::size_t bytes_ = 0;
};

} // namespace fake

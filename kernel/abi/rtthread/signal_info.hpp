#pragma once
// siginfo_t of musl, and signals on their way to it.

#include "process/signal.hpp"

#include <array>
#include <cstdint>

namespace abi::rtthread {

/// musl's siginfo_t: 128 bytes, three words, then a union by the kind of signal.
struct SignalInfoRecord {
    std::int32_t signal;
    std::int32_t error;
    std::int32_t code;
    std::int32_t padding;
    union {
        std::array<std::uint32_t, 28> words;
        struct {
            std::int32_t process;
            std::uint32_t user;
            std::int32_t status;
        } sender;
        struct {
            std::int32_t number;
            std::int32_t overruns;
            std::uint64_t value;
        } timer;
        std::uint64_t address;
    };
};
static_assert(sizeof(SignalInfoRecord) == 128);

SignalInfoRecord to_record(const process::SignalInfo& info);

} // namespace abi::rtthread

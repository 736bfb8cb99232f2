#pragma once
// What differs between versions of RT-Thread Smart that a program can see.

#include "abi/rtthread/rtthread.hpp"
#include "thread/thread.hpp"

#include <cstdint>

namespace abi::rtthread {

enum class Generation : std::uint8_t { v5_0, newest };

inline Generation generation_of(const thread::Thread& thread) {
    return thread.personality == &personality_5_0 ? Generation::v5_0 : Generation::newest;
}

} // namespace abi::rtthread

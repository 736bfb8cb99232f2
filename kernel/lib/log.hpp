#pragma once
// The kernel log. Lines go to a ring buffer and to the log sink (the pylon log port, or the UART before there is one).
// Arguments: integers, bool, char, const char*, std::string_view, PhysAddr, UserAddr, Error, pointers.
// Format: {} and {:x} (hexadecimal with 0x); checked at compile time, so a wrong count of arguments does not compile.

#include "lib/format.hpp"

namespace klog {

enum class Level : std::uint8_t { error, warning, info, debug };

/// Lines above this level are dropped. Set from the command line's `log=`.
void set_level(Level level);

/// Writes one line. Callable from anywhere, any lock held, interrupts on or off; never blocks, never allocates.
void write(Level level, std::string_view format, std::span<const format::Argument> arguments);

template <typename... Args>
void error(format::Format<std::type_identity_t<Args>...> text, const Args&... args) {
    write(Level::error, text.text, format::arguments(args...));
}
template <typename... Args>
void warning(format::Format<std::type_identity_t<Args>...> text, const Args&... args) {
    write(Level::warning, text.text, format::arguments(args...));
}
template <typename... Args>
void info(format::Format<std::type_identity_t<Args>...> text, const Args&... args) {
    write(Level::info, text.text, format::arguments(args...));
}
template <typename... Args>
void debug(format::Format<std::type_identity_t<Args>...> text, const Args&... args) {
    write(Level::debug, text.text, format::arguments(args...));
}

} // namespace klog

/// A broken invariant of the kernel: says what and where on every output there is, reports `panic` to pylon, stops all
/// CPUs. Nothing that a user program can cause may end here.
[[noreturn]] void panic(const char* message);

/// Checks an invariant in every build.
#define INVARIANT(condition)                                                                                           \
    do {                                                                                                               \
        if (!(condition)) [[unlikely]]                                                                                 \
            panic("invariant broken: " #condition " at " __FILE_NAME__);                                               \
    } while (false)

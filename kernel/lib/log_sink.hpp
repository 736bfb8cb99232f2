#pragma once
// Where log lines go besides the ring buffer.

#include <cstddef>
#include <span>
#include <string_view>

namespace klog {

/// Writes text to an output. Called with interrupts off and the log's lock held; must not block, allocate or log.
using Sink = void (*)(std::string_view text);

/// The sink for log lines; null: ring buffer only. The lines that the ring still holds are sent to it first.
void set_sink(Sink sink);

/// The sink that panics go to besides the log's (the UART by polling). Null: none.
void set_panic_sink(Sink sink);
/// Writes straight to the panic sink, with no lock. Only for a kernel that is about to stop.
void write_panic(std::string_view text);

/// The ring's lines to the panic sink, when no sink has shown them: why a kernel could not start. Only for such a
/// kernel.
void write_panic_unseen();

/// Bytes that the ring can hold, and that it holds now.
inline constexpr std::size_t ring_capacity = 32 * 1024;
std::size_t ring_used();
/// Copies bytes of the ring into `to`, starting `back` bytes (at most ring_used()) before its end; returns how many.
std::size_t read_ring(std::span<char> to, std::size_t back);

} // namespace klog

/// Called by panic() after its own output, with interrupts off and no locks taken: stops the other CPUs, tells pylon.
/// Set once at boot.
void set_panic_reporter(void (*reporter)(const char* message));

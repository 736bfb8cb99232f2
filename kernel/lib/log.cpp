#include "lib/log.hpp"

#include "lib/log_sink.hpp"
#include "lib/spinlock.hpp"

#include <algorithm>

namespace klog {
namespace {

constexpr std::size_t line_size = 512;

constinit Spinlock lock;
constinit std::array<char, ring_capacity> ring GUARDED_BY(lock){};
constinit std::size_t ring_written GUARDED_BY(lock) = 0; // bytes ever written; position is this modulo the size
constinit Sink sink GUARDED_BY(lock) = nullptr;
constinit Sink panic_sink = nullptr;
constinit std::atomic<Level> level{Level::warning};

constexpr std::array<std::string_view, 4> level_names{"error", "warning", "info", "debug"};

void append(std::string_view text) REQUIRES(lock) {
    for (char c : text)
        ring[ring_written++ % ring_capacity] = c;
}

} // namespace

void set_level(Level wanted) {
    level.store(wanted, std::memory_order_relaxed);
}

void write(Level line_level, std::string_view text, std::span<const format::Argument> arguments) {
    if (line_level > level.load(std::memory_order_relaxed))
        return;
    std::array<char, line_size> line;
    std::size_t used = format::print(line, "[tetrapylon {}] ", level_names[static_cast<std::size_t>(line_level)]);
    used += format::write(std::span(line).subspan(used, line_size - used - 1), text, arguments);
    line[used++] = '\n';
    SpinlockGuard guard(lock);
    append({line.data(), used});
    if (sink)
        sink({line.data(), used});
}

void set_sink(Sink wanted) {
    SpinlockGuard guard(lock);
    sink = wanted;
    if (!sink)
        return;
    const std::size_t held = std::min(ring_written, ring_capacity);
    for (std::size_t i = ring_written - held; i < ring_written;) {
        const std::size_t start = i % ring_capacity;
        const std::size_t length = std::min(ring_capacity - start, ring_written - i);
        sink({ring.data() + start, length});
        i += length;
    }
}

void set_panic_sink(Sink wanted) {
    panic_sink = wanted;
}

void write_panic(std::string_view text) {
    if (panic_sink)
        panic_sink(text);
}

void write_panic_unseen() NO_THREAD_SAFETY_ANALYSIS { // the lock may be held by what broke
    if (sink)
        return;
    for (std::size_t i = ring_written - std::min(ring_written, ring_capacity); i < ring_written; ++i)
        write_panic({&ring[i % ring_capacity], 1});
}

std::size_t ring_used() {
    SpinlockGuard guard(lock);
    return std::min(ring_written, ring_capacity);
}

std::size_t read_ring(std::span<char> to, std::size_t back) {
    SpinlockGuard guard(lock);
    const std::size_t from = ring_written - std::min({back, ring_written, ring_capacity});
    const std::size_t count = std::min(ring_written - from, to.size());
    for (std::size_t i = 0; i < count; ++i)
        to[i] = ring[(from + i) % ring_capacity];
    return count;
}

} // namespace klog

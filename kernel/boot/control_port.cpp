#include "boot/control_port.hpp"

#include "abi/trace.hpp"
#include "file/operations.hpp"
#include "file/port_device.hpp"
#include "lib/log.hpp"
#include "process/send.hpp"
#include "process/table.hpp"
#include "terminal/device.hpp"
#include "thread/scheduler.hpp"

#include <arch/boot.hpp>
#include <atomic>

namespace boot {
namespace {

constinit std::atomic<file::OpenFile*> port{nullptr}; // kept for ever
constinit std::atomic<std::int32_t> group{0};

/// A decimal number at the front of `text`, which moves behind it and the blanks that follow.
std::uint32_t take_number(std::string_view& text) {
    std::uint32_t number = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9' && number < 100'000) {
        number = number * 10 + static_cast<std::uint32_t>(text.front() - '0');
        text.remove_prefix(1);
    }
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    return number;
}

void obey(std::string_view line) {
    constexpr std::string_view window = "winsize ", signal = "signal ";
    if (line.starts_with(window)) {
        line.remove_prefix(window.size());
        const auto rows = static_cast<std::uint16_t>(take_number(line));
        const auto columns = static_cast<std::uint16_t>(take_number(line));
        if (terminal::Terminal* console = terminal::console())
            console->set_window_size({.rows = rows, .columns = columns});
    } else if (line.starts_with(signal)) {
        line.remove_prefix(signal.size());
        const std::uint32_t number = take_number(line);
        const std::int32_t target = group.load();
        if (target != 0 && number >= 1 && number <= process::signal_count)
            process::send_to_group(
                target, {.signal = static_cast<process::Signal>(number), .source = process::SignalSource::user});
    } else {
        klog::warning("control port: {} is no request", line);
    }
}

/// Reads lines until the host closes the port. Longer ones than the buffer are dropped.
void listen(void*) {
    file::OpenFile& file = *port.load();
    std::array<char, 128> line;
    std::size_t used = 0;
    for (;;) {
        file::Sink sink(std::as_writable_bytes(std::span(line).subspan(used)));
        const auto got = file.read(sink);
        if (!got || *got == 0)
            return;
        used += *got;
        const std::string_view text(line.data(), used);
        std::size_t start = 0;
        for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', start)) {
            obey(text.substr(start, end - start));
            start = end + 1;
        }
        const bool overlong = start == 0 && used == line.size();
        used = overlong ? 0 : used - start;
        std::char_traits<char>::move(line.data(), line.data() + start, used);
    }
}

} // namespace

void open_control_port() {
    const process::Process& self = process::current();
    const file::CurrentIdentity who;
    auto opened = file::open(
        {.place = *self.directory, .who = who}, "/dev/virtio-ports/tetrapylon.control",
        file::open_read | file::open_write, 0);
    if (!opened)
        return;
    port.store(opened->release());
    auto thread = thread::create_kernel_thread("control", listen, nullptr);
    if (thread)
        thread::start(**thread);
}

void set_control_group(std::int32_t wanted) {
    group.store(wanted);
}

void finish(std::string_view line) {
    if (terminal::Terminal* console = terminal::console())
        static_cast<void>(console->drain());
    abi::drain_trace();
    file::drain_ports();
    if (file::OpenFile* file = port.load()) {
        std::array<char, 520> text;
        const std::size_t length = format::print(text, "{}\n", line);
        file::Source source(std::as_bytes(std::span(text).first(length)));
        static_cast<void>(file->write(source));
        static_cast<void>(file->sync());
    } else {
        klog::error("{}", line);
    }
    arch::power_off();
}

} // namespace boot

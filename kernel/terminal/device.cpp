#include "terminal/device.hpp"

#include "device/uart.hpp"
#include "file/device_file.hpp"
#include "process/table.hpp"
#include "terminal/pseudo_terminal.hpp"

#include <new>

namespace terminal {

namespace {

/// A serial line as a terminal.
class UartTerminal final : public Terminal, public device::Uart::Listener {
public:
    UartTerminal(device::Uart& uart, file::DeviceNumber number) : Terminal(number), uart_(uart) {}

    void receive(std::span<const char> bytes) override { Terminal::receive(bytes); }
    void output_ready() override { Terminal::output_ready(); }

protected:
    std::size_t transmit(std::span<const char> bytes) override { return uart_.write(bytes); }

private:
    device::Uart& uart_;
};

// devices.txt: 4:64 is the first serial line, 5:0 the own terminal, 5:1 the console.
constexpr file::DeviceNumber serial_number{4, 64};
constexpr std::uint32_t minor_own = 0;
constexpr std::uint32_t minor_console = 1;

UartTerminal* the_console = nullptr;

class TerminalFile final : public file::OpenFile {
public:
    TerminalFile(Ref<Terminal> terminal, std::uint32_t flags)
        : OpenFile(file::Positioning::stream, flags), terminal_(std::move(terminal)) {
        terminal_->file_opened();
    }
    ~TerminalFile() override { terminal_->file_closed(); }

    std::uint32_t poll(file::Poller* poller) override { return terminal_->poll(poller); }
    Result<std::size_t> readable_bytes() override { return terminal_->readable_bytes(); }
    Terminal* terminal() override { return terminal_.get(); }

protected:
    Result<std::size_t> do_read(std::uint64_t, file::Sink& to) override {
        return terminal_->read(to, is_nonblocking());
    }
    Result<std::size_t> do_write(std::uint64_t&, file::Source& from) override {
        return terminal_->write(from, is_nonblocking());
    }

private:
    Ref<Terminal> terminal_;
};

Result<Ref<file::OpenFile>> open_own(const file::Path& path, std::uint32_t flags) {
    process::Process* self = thread::current().process;
    if (!self)
        return fail(Error::no_device);
    auto controlling = process::controlling_terminal(*self);
    if (!controlling)
        return fail(Error::no_device);
    auto own = Ref<Terminal>::share(static_cast<Terminal*>(controlling.get()));
    return open_terminal(std::move(own), path, flags);
}

Result<Ref<file::OpenFile>> open_console(const file::Path& path, std::uint32_t flags) {
    if (!the_console)
        return fail(Error::no_device);
    return open_terminal(Ref<Terminal>::share(the_console), path, flags);
}

Result<Ref<file::OpenFile>> open_serial(file::DeviceNumber, const file::Path& path, std::uint32_t flags) {
    auto opened = TRY(open_console(path, flags));
    // A session leader without a terminal gets the first one that it opens.
    if (thread::current().process && !(flags & file::open_no_terminal))
        (void)the_console->make_controlling();
    return opened;
}

Result<Ref<file::OpenFile>> open_special(file::DeviceNumber number, const file::Path& path, std::uint32_t flags) {
    return number.minor == minor_own ? open_own(path, flags) : open_console(path, flags);
}

constinit file::DeviceKind serial_devices{
    .major = serial_number.major, .first_minor = serial_number.minor, .minors = 1, .open = open_serial};
constinit file::DeviceKind special_devices{
    .major = 5, .first_minor = minor_own, .minors = minor_console + 1, .open = open_special};

} // namespace

void register_devices() {
    file::register_device(serial_devices);
    file::register_device(special_devices);
    register_pseudo_terminals();
}

Terminal* console() {
    return the_console;
}

Result<> start_console() {
    device::Uart* uart = device::console_uart();
    if (!uart)
        return {};
    auto* made = new (std::nothrow) UartTerminal(*uart, serial_number);
    if (!made)
        return fail(Error::no_memory);
    the_console = made;
    uart->set_listener(made);
    return {};
}

Result<Ref<file::OpenFile>> open_terminal(Ref<Terminal> terminal, const file::Path& path, std::uint32_t flags) {
    auto* made = new (std::nothrow) TerminalFile(std::move(terminal), flags);
    if (!made)
        return fail(Error::no_memory);
    made->path = path;
    return Ref<file::OpenFile>::adopt(made);
}

} // namespace terminal

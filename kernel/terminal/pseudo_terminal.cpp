#include "terminal/pseudo_terminal.hpp"

#include "file/device_file.hpp"
#include "file/operations.hpp"
#include "lib/format.hpp"
#include "process/table.hpp"
#include "terminal/device.hpp"

#include <new>

namespace terminal {

namespace {

// devices.txt: 136 to 143 are the slaves, 5:2 is /dev/ptmx.
constexpr std::uint32_t major_slave = 136;
constexpr std::uint32_t major_special = 5;
constexpr std::uint32_t minor_master = 2;
constexpr file::Mode slave_mode = 0620;
constexpr file::GroupId terminal_group = 5; // tty
constexpr std::size_t count = 64;
constexpr std::size_t chunk = 256; // bytes copied from or to a program at a time

Spinlock table_lock;
PseudoTerminal* table[count] GUARDED_BY(table_lock);

/// The terminal of a number, if it still lives.
Ref<PseudoTerminal> find(std::uint32_t number) {
    SpinlockGuard guard(table_lock);
    PseudoTerminal* found = number < count ? table[number] : nullptr;
    return found && found->try_add_reference() ? Ref<PseudoTerminal>::adopt(found) : nullptr;
}

/// "dev/pts/N", below the tree's root.
class NodeName {
public:
    explicit NodeName(std::uint32_t number) : length_(format::print(text_, "dev/pts/{}", number)) {}
    std::string_view text() const { return {text_, length_}; }

private:
    char text_[24];
    std::size_t length_;
};

Result<> make_slave_node(std::uint32_t number) {
    auto place = TRY(file::WorkingDirectory::create(file::tree_root(), file::tree_root(), 0));
    file::Identity kernel{};
    file::Walk walk{.place = *place, .start = nullptr, .who = kernel};
    NodeName name(number);
    TRY(file::make_node(walk, name.text(), file::Type::character_device, slave_mode, {major_slave, number}));
    file::CurrentIdentity caller;
    file::Path node = TRY(file::look_up(walk, name.text()));
    return file::change_owner(node, caller.user, terminal_group, kernel);
}

void remove_slave_node(std::uint32_t number) {
    auto place = file::WorkingDirectory::create(file::tree_root(), file::tree_root(), 0);
    if (!place)
        return; // the node stays, and leads nowhere
    file::Identity kernel{};
    (void)file::unlink({.place = **place, .start = nullptr, .who = kernel}, NodeName(number).text());
}

class MasterFile final : public file::OpenFile {
public:
    MasterFile(Ref<PseudoTerminal> terminal, std::uint32_t flags)
        : OpenFile(file::Positioning::stream, flags), terminal_(std::move(terminal)) {
        terminal_->set_master(this);
    }
    ~MasterFile() override {
        terminal_->set_master(nullptr);
        terminal_->hang_up();
        remove_slave_node(terminal_->number());
    }

    std::uint32_t poll(file::Poller* poller) override { return terminal_->poll_master(poller); }
    Result<std::size_t> readable_bytes() override { return terminal_->pending_output(); }
    Terminal* terminal() override { return terminal_.get(); }

protected:
    Result<std::size_t> do_read(std::uint64_t, file::Sink& to) override {
        return terminal_->read_screen(to, is_nonblocking());
    }
    Result<std::size_t> do_write(std::uint64_t&, file::Source& from) override {
        return terminal_->write_keyboard(from, is_nonblocking());
    }

private:
    Ref<PseudoTerminal> terminal_;
};

Result<Ref<file::OpenFile>> open_master(file::DeviceNumber, const file::Path& path, std::uint32_t flags) {
    auto terminal = TRY(PseudoTerminal::create());
    std::uint32_t number = terminal->number();
    TRY(make_slave_node(number));
    auto* made = new (std::nothrow) MasterFile(std::move(terminal), flags);
    if (!made) {
        remove_slave_node(number);
        return fail(Error::no_memory);
    }
    made->path = path;
    return Ref<file::OpenFile>::adopt(made);
}

Result<Ref<file::OpenFile>> open_slave(file::DeviceNumber number, const file::Path& path, std::uint32_t flags) {
    Ref<PseudoTerminal> terminal = find(number.minor);
    if (!terminal || !terminal->master() || terminal->is_locked())
        return fail(Error::io);
    auto opened = TRY(open_terminal(terminal, path, flags));
    // A session leader without a terminal gets the first one that it opens.
    if (thread::current().process && !(flags & file::open_no_terminal))
        (void)terminal->make_controlling();
    return opened;
}

constinit file::DeviceKind master_device{
    .major = major_special, .first_minor = minor_master, .minors = 1, .open = open_master};
constinit file::DeviceKind slave_devices{.major = major_slave, .first_minor = 0, .minors = count, .open = open_slave};

} // namespace

PseudoTerminal::PseudoTerminal(std::uint32_t number) : Terminal({major_slave, number}), number_(number) {}

Result<Ref<PseudoTerminal>> PseudoTerminal::create() {
    SpinlockGuard guard(table_lock);
    for (std::uint32_t number = 0; number < count; ++number) {
        if (table[number])
            continue;
        auto* made = new (std::nothrow) PseudoTerminal(number);
        if (!made)
            return fail(Error::no_memory);
        table[number] = made;
        return Ref<PseudoTerminal>::adopt(made);
    }
    return fail(Error::no_space);
}

PseudoTerminal::~PseudoTerminal() {
    SpinlockGuard guard(table_lock);
    table[number_] = nullptr;
}

std::size_t PseudoTerminal::transmit(std::span<const char>) {
    // The master takes output when it reads.
    screen_.wake_all();
    return 0;
}

void PseudoTerminal::file_opened() {
    SpinlockGuard guard(lock_);
    ++open_files_;
    ever_opened_ = true;
}

void PseudoTerminal::file_closed() {
    SpinlockGuard guard(lock_);
    if (--open_files_ == 0)
        screen_.wake_all();
}

Result<std::size_t> PseudoTerminal::read_screen(file::Sink& to, bool nonblocking) {
    if (to.remaining() == 0)
        return std::size_t{0};
    char bytes[chunk];
    std::size_t done = 0;
    while (to.remaining() && !to.faulted()) {
        std::size_t got = take_output({bytes, to.remaining() < chunk ? to.remaining() : chunk});
        done += to.put(bytes, got);
        if (got == 0) {
            if (done)
                break;
            SpinlockGuard guard(lock_);
            if (has_output_locked())
                continue;
            if (is_left())
                return fail(Error::io);
            if (nonblocking)
                return fail(Error::would_block);
            TRY(screen_.wait(lock_));
        }
    }
    return done || !to.faulted() ? Result<std::size_t>(done) : fail(Error::bad_address);
}

Result<std::size_t> PseudoTerminal::write_keyboard(file::Source& from, bool nonblocking) {
    char bytes[chunk];
    std::size_t done = 0;
    while (from.remaining()) {
        {
            SpinlockGuard guard(lock_);
            while (!accepts_input_locked()) {
                if (nonblocking)
                    return done ? Result<std::size_t>(done) : fail(Error::would_block);
                if (auto waited = screen_.wait(lock_); !waited)
                    return done ? Result<std::size_t>(done) : fail(waited.error());
            }
        }
        std::size_t taken = from.take(bytes, chunk);
        receive({bytes, taken});
        done += taken;
        if (from.faulted())
            return done ? Result<std::size_t>(done) : fail(Error::bad_address);
    }
    return done;
}

std::uint32_t PseudoTerminal::poll_master(file::Poller* poller) {
    if (poller)
        poller->listen(screen_);
    SpinlockGuard guard(lock_);
    std::uint32_t events = 0;
    if (has_output_locked())
        events |= file::event_readable;
    if (accepts_input_locked())
        events |= file::event_writable;
    if (is_left())
        events |= file::event_hang_up;
    return events;
}

void register_pseudo_terminals() {
    file::register_device(master_device);
    file::register_device(slave_devices);
}

PseudoTerminal* pseudo_terminal_of_master(file::OpenFile& file) {
    Terminal* terminal = file.terminal();
    if (!terminal || terminal->device().major != major_slave)
        return nullptr;
    auto* found = static_cast<PseudoTerminal*>(terminal);
    return found->master() == &file ? found : nullptr;
}

} // namespace terminal

#pragma once
// Pseudo-terminals: a terminal whose line is another open file, the master (pty(7)). Opening /dev/ptmx makes one, and
// its node /dev/pts/N, which goes when the master is closed.

#include "file/open_file.hpp"
#include "terminal/terminal.hpp"

namespace terminal {

class PseudoTerminal final : public Terminal {
public:
    /// Finds a free number. Errors: no_space (all are taken), no_memory.
    static Result<Ref<PseudoTerminal>> create();
    ~PseudoTerminal() override;

    std::uint32_t number() const { return number_; }
    /// As long as it is locked the slave cannot be opened (unlockpt).
    void set_locked(bool locked) { locked_.store(locked, std::memory_order_relaxed); }
    bool is_locked() const { return locked_.load(std::memory_order_relaxed); }
    /// The open file that is the master; null when it was closed. To compare only.
    const file::OpenFile* master() const { return master_.load(std::memory_order_relaxed); }
    void set_master(const file::OpenFile* master) { master_.store(master, std::memory_order_relaxed); }

    // The master's reading and writing: what the programs have written, and the keyboard. May sleep, no locks held.
    // Errors: would_block, restart, bad_address, io (reading: every slave was closed).
    Result<std::size_t> read_screen(file::Sink& to, bool nonblocking) EXCLUDES(lock_);
    Result<std::size_t> write_keyboard(file::Source& from, bool nonblocking) EXCLUDES(lock_);
    std::uint32_t poll_master(file::Poller* poller) EXCLUDES(lock_);

    void file_opened() override;
    void file_closed() override;

protected:
    std::size_t transmit(std::span<const char> bytes) override;
    void input_taken() override { screen_.wake_all(); }

private:
    explicit PseudoTerminal(std::uint32_t number);
    bool is_left() const REQUIRES(lock_) { return ever_opened_ && open_files_ == 0; }

    const std::uint32_t number_;
    std::atomic<bool> locked_{true};
    std::atomic<const file::OpenFile*> master_{nullptr};
    std::uint32_t open_files_ GUARDED_BY(lock_) = 0; // of the slave
    bool ever_opened_ GUARDED_BY(lock_) = false;
    thread::WaitQueue screen_; // the master waits here, for output and for room
};

/// Registers /dev/ptmx and the slaves' devices. Boot only.
void register_pseudo_terminals();

/// The pseudo-terminal that `file` is the master of; null for every other file.
PseudoTerminal* pseudo_terminal_of_master(file::OpenFile& file);

} // namespace terminal

#pragma once
// The machine that a walk looks at: stopped before its first instruction, its debugger stub at hand.

#include "boot_files.hpp"
#include "descriptor.hpp"
#include "guest_process.hpp"
#include "options.hpp"
#include "outcome.hpp"
#include "places.hpp"
#include "program.hpp"
#include "walk/kernel_map.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace host::walk {

class WalkedMachine {
public:
    virtual ~WalkedMachine() = default;
    WalkedMachine() = default;
    WalkedMachine(const WalkedMachine&) = delete;
    WalkedMachine& operator=(const WalkedMachine&) = delete;

    /// The connected socket of its stub; once.
    Descriptor take_stub() { return std::move(stub_); }
    /// Ends it. What the guest and QEMU said of their end, for a message; may be empty.
    virtual std::string end() = 0;

protected:
    TemporaryFolder folder_;
    Descriptor stub_;
    std::optional<GuestProcess> machine_;
};

/// Our own kernel with a program, as `pylon run` would run it; the program's streams go nowhere. Throws Failure(125).
std::unique_ptr<WalkedMachine> own_machine(const Program& program, RunOptions options);

/// What another kernel is started with.
struct ForeignFiles {
    std::string disk;  ///< an image; it is not changed
    std::string typed; ///< written on the console whenever the guest has been silent for a moment
};

/// Another kernel on the machine that its map describes. A program goes into an initrd of the bundled root, where the
/// map says how the kernel is told to start it. Throws Failure(125).
std::unique_ptr<WalkedMachine>
foreign_machine(Isa isa, const RunOptions& options, const KernelMap& map, const ForeignFiles& files);

/// Throws Failure(125) when QEMU for this ISA is not installed.
void require_emulator(Isa isa);

} // namespace host::walk

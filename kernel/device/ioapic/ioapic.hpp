#pragma once
// I/O APICs (82093AA data sheet, chapter 3): device lines become vectors of a local APIC. Also hands out the vectors of
// message-signalled interrupts, which need no line. Numbering: Irq is the global system interrupt of a line; messages
// follow behind the last line.

#include "device/interrupt_controller.hpp"
#include "device/pci/pci.hpp"
#include "lib/spinlock.hpp"

#include <array>

namespace device {

class IoApics final : public InterruptController {
public:
    /// Irq n is vector first_vector + n; there are irq_count of them. end_of_interrupt() is the local APIC's.
    IoApics(std::uint8_t first_vector, Irq irq_count, void (*end_of_interrupt)())
        : first_vector_(first_vector), irq_count_(irq_count), end_of_interrupt_(end_of_interrupt) {}

    /// Adds a chip whose input 0 is `first_line`; masks all its inputs. Boot CPU. Errors: no_memory, no_space,
    /// out_of_range (more lines than vectors).
    Result<> add(PhysAddr registers, Irq first_line);

    /// A new message-signalled interrupt, to `cpu`. Errors: no_space.
    Result<pci::MessageInterrupt> allocate_message(const thread::Cpu& cpu);

    Result<InterruptLine> decode(std::span<const std::uint32_t> cells) const override;
    void initialise_cpu(thread::Cpu&) override {}
    Result<> enable(Irq irq, Trigger trigger, thread::Cpu& cpu) override;
    void disable(Irq irq) override;
    /// The vector already says which line it is: never anything.
    std::optional<Irq> acknowledge() override { return {}; }
    void complete(Irq) override { end_of_interrupt_(); }
    void send_ipi(thread::Cpu&) override {} // the local APIC's work: arch::send_ipi

private:
    struct Chip {
        volatile std::uint32_t* registers = nullptr;
        Irq first_line = 0;
        Irq line_count = 0;
    };
    Chip* chip_of(Irq irq) REQUIRES(lock_);
    static std::uint32_t read(const Chip& chip, std::uint32_t index);
    static void write(const Chip& chip, std::uint32_t index, std::uint32_t value);

    static constexpr std::size_t max_chips = 8;
    const std::uint8_t first_vector_;
    const Irq irq_count_;
    void (*const end_of_interrupt_)();
    Spinlock lock_; // the chips' index registers, and the lists
    std::array<Chip, max_chips> chips_ GUARDED_BY(lock_){};
    std::size_t chip_count_ GUARDED_BY(lock_) = 0;
    Irq line_end_ GUARDED_BY(lock_) = 0;     // behind the last line
    Irq next_message_ GUARDED_BY(lock_) = 0; // counted from line_end_
};

} // namespace device

#include "device/ioapic/ioapic.hpp"

#include "memory/kernel_map.hpp"
#include "thread/cpu.hpp"

namespace device {
namespace {

constexpr std::size_t select_word = 0x00 / 4, window_word = 0x10 / 4, register_bytes = 0x20;
constexpr std::uint32_t version_index = 0x01, redirection_index = 0x10;
constexpr std::uint32_t entry_masked = 1u << 16, entry_level = 1u << 15, entry_active_low = 1u << 13;
constexpr std::uint32_t entry_target_shift = 24; // of the upper half: physical APIC id

constexpr bool is_level(Trigger trigger) {
    return trigger == Trigger::level_high || trigger == Trigger::level_low;
}
constexpr bool is_active_low(Trigger trigger) {
    return trigger == Trigger::level_low || trigger == Trigger::edge_falling;
}

} // namespace

std::uint32_t IoApics::read(const Chip& chip, std::uint32_t index) {
    chip.registers[select_word] = index;
    return chip.registers[window_word];
}

void IoApics::write(const Chip& chip, std::uint32_t index, std::uint32_t value) {
    chip.registers[select_word] = index;
    chip.registers[window_word] = value;
}

IoApics::Chip* IoApics::chip_of(Irq irq) {
    for (std::size_t i = 0; i < chip_count_; ++i)
        if (irq >= chips_[i].first_line && irq - chips_[i].first_line < chips_[i].line_count)
            return &chips_[i];
    return nullptr;
}

Result<> IoApics::add(PhysAddr registers, Irq first_line) {
    auto* mapped = static_cast<volatile std::uint32_t*>(TRY(memory::map_device(registers, register_bytes)));
    SpinlockGuard guard(lock_);
    if (chip_count_ == max_chips)
        return fail(Error::no_space);
    Chip chip{mapped, first_line, 0};
    chip.line_count = (read(chip, version_index) >> 16 & 0xff) + 1;
    if (first_line >= irq_count_ || chip.line_count > irq_count_ - first_line)
        return fail(Error::out_of_range);
    for (Irq line = 0; line < chip.line_count; ++line)
        write(chip, redirection_index + 2 * line, entry_masked);
    chips_[chip_count_++] = chip;
    if (first_line + chip.line_count > line_end_)
        line_end_ = first_line + chip.line_count;
    return {};
}

Result<pci::MessageInterrupt> IoApics::allocate_message(const thread::Cpu& cpu) {
    SpinlockGuard guard(lock_);
    const Irq irq = line_end_ + next_message_;
    if (irq >= irq_count_)
        return fail(Error::no_space);
    ++next_message_;
    // SDM volume 3, 11.11: fixed delivery, edge, to one APIC id.
    constexpr std::uint64_t message_base = 0xfee0'0000;
    return pci::MessageInterrupt{irq, message_base | (cpu.hardware_id & 0xff) << 12, first_vector_ + irq};
}

Result<InterruptLine> IoApics::decode(std::span<const std::uint32_t>) const {
    return fail(Error::invalid_argument); // a PC has no device tree
}

Result<> IoApics::enable(Irq irq, Trigger trigger, thread::Cpu& cpu) {
    SpinlockGuard guard(lock_);
    Chip* chip = chip_of(irq);
    if (!chip)
        return irq >= line_end_ && irq < line_end_ + next_message_ ? Result<>{} : fail(Error::invalid_argument);
    const std::uint32_t index = redirection_index + 2 * (irq - chip->first_line);
    write(*chip, index + 1, static_cast<std::uint32_t>(cpu.hardware_id) << entry_target_shift);
    write(
        *chip, index,
        (first_vector_ + irq) | (is_level(trigger) ? entry_level : 0)
            | (is_active_low(trigger) ? entry_active_low : 0));
    return {};
}

void IoApics::disable(Irq irq) {
    SpinlockGuard guard(lock_);
    if (Chip* chip = chip_of(irq)) {
        const std::uint32_t index = redirection_index + 2 * (irq - chip->first_line);
        write(*chip, index, read(*chip, index) | entry_masked);
    }
}

} // namespace device

// The RISC-V platform-level interrupt controller (RISC-V PLIC specification 1.0). Each pair of hart and privilege mode
// is a context with its own enable bits, threshold and claim register; which context is whose stands in the device
// tree.

#include "device/fdt_driver.hpp"
#include "device/interrupt_controller.hpp"
#include "device/registers.hpp"
#include "lib/spinlock.hpp"
#include "memory/kernel_map.hpp"
#include "thread/cpu.hpp"

#include <arch/cpu.hpp>
#include <array>
#include <new>

namespace device {
namespace {

/// Register offsets in bytes (chapter 3).
constexpr std::size_t priority_base = 0, enable_base = 0x2000, enable_stride = 0x80;
constexpr std::size_t context_base = 0x20'0000, context_stride = 0x1000, threshold_offset = 0, claim_offset = 4;

/// What `interrupts-extended` says for a hart's supervisor external interrupt (scause 9).
constexpr std::uint32_t supervisor_external = 9;

class Plic final : public InterruptController {
public:
    /// `lines`: priorities and enable bits; `contexts`: thresholds and claims; sources 1..`last` exist.
    Plic(Registers lines, Registers contexts, std::uint32_t last)
        : lines_(lines), context_registers_(contexts), last_(last) {}

    /// `context` belongs to the supervisor mode of `hart`. Boot only.
    void add_context(std::uint64_t hart, std::size_t context) {
        if (context_count_ < contexts_.size())
            contexts_[context_count_++] = {hart, context};
    }

    Result<InterruptLine> decode(std::span<const std::uint32_t> cells) const override {
        if (cells.size() != 1 || !is_line(cells[0]))
            return fail(Error::invalid_argument);
        return InterruptLine{cells[0], Trigger::level_high};
    }

    void initialise_cpu(thread::Cpu& cpu) override {
        const std::size_t context = context_of(cpu);
        for (Irq irq = 0; irq <= last_; irq += 32)
            lines_.write32(enable_offset(context, irq), 0);
        claims_[cpu.index] = context_registers_.from(context_stride * context);
        claims_[cpu.index].write32(threshold_offset, 0); // every priority above 0 comes through
    }

    Result<> enable(Irq irq, Trigger, thread::Cpu& cpu) override {
        if (!is_line(irq))
            return fail(Error::invalid_argument);
        const SpinlockGuard guard(lock_);
        for (const Context& context : std::span(contexts_).first(context_count_)) {
            const std::size_t offset = enable_offset(context.number, irq);
            const std::uint32_t bit = 1u << irq % 32;
            const std::uint32_t word = lines_.read32(offset);
            lines_.write32(offset, context.hart == cpu.hardware_id ? word | bit : word & ~bit);
        }
        lines_.write32(priority_base + 4 * irq, 1);
        return {};
    }

    /// By priority 0, which never interrupts: a claim that is still open can only be completed while the line's enable
    /// bit is set.
    void disable(Irq irq) override {
        if (is_line(irq))
            lines_.write32(priority_base + 4 * irq, 0);
    }

    std::optional<Irq> acknowledge() override {
        const Irq irq = claims_[arch::current_cpu().index].read32(claim_offset);
        return irq ? std::optional(irq) : std::nullopt;
    }

    void complete(Irq irq) override { claims_[arch::current_cpu().index].write32(claim_offset, irq); }

    void send_ipi(thread::Cpu&) override {} // the firmware does it (SBI)

private:
    struct Context {
        std::uint64_t hart;
        std::size_t number;
    };

    bool is_line(Irq irq) const { return irq != 0 && irq <= last_; }
    static std::size_t enable_offset(std::size_t context, Irq irq) {
        return enable_base + enable_stride * context + irq / 32 * 4;
    }
    /// Every hart that runs has one: start() looked at the same tree that named the harts.
    std::size_t context_of(const thread::Cpu& cpu) const {
        for (std::size_t i = 0; i < context_count_; ++i)
            if (contexts_[i].hart == cpu.hardware_id)
                return contexts_[i].number;
        return 0;
    }

    const Registers lines_;
    const Registers context_registers_;
    const std::uint32_t last_;
    Spinlock lock_; // makes changes of enable words whole
    std::array<Context, thread::max_cpus> contexts_{};
    std::size_t context_count_ = 0;
    std::array<Registers, thread::max_cpus> claims_{}; // of each CPU's context, by CPU index
};

/// `interrupts-extended` holds a pair for each context: the hart's own controller and the interrupt there. Harts that
/// do not run are skipped: only so many contexts are kept.
Result<> find_contexts(Plic& plic, const FdtNode& node, const Fdt& tree) {
    for (std::size_t context = 0;; ++context) {
        const auto phandle = node.cell("interrupts-extended", 2 * context);
        const auto kind = node.cell("interrupts-extended", 2 * context + 1);
        if (!phandle || !kind)
            return {};
        if (*kind != supervisor_external)
            continue;
        const auto controller = tree.node_by_phandle(*phandle);
        const auto hart = controller ? controller->parent() : std::nullopt;
        if (!hart)
            return fail(Error::invalid_argument);
        const std::uint64_t id = TRY(hart->unit_address());
        for (unsigned i = 0; i < thread::cpu_count(); ++i)
            if (thread::cpu(i).hardware_id == id)
                plic.add_context(id, context);
    }
}

Result<> start(const FdtNode& node) {
    const auto region = TRY(node.reg());
    const auto lines = node.number("riscv,ndev");
    const auto contexts = node.property("interrupts-extended");
    if (!lines || *lines > 1023 || !contexts)
        return fail(Error::invalid_argument);
    // The specification spreads the registers over 64 MiB; only what this machine has is mapped.
    const std::size_t count = contexts->size() / (2 * sizeof(std::uint32_t));
    volatile void* base = TRY(memory::map_device(region.start, enable_base + enable_stride * count));
    volatile void* claims = TRY(memory::map_device(region.start + context_base, context_stride * count));
    auto* plic = new (std::nothrow) Plic(Registers(base), Registers(claims), static_cast<std::uint32_t>(*lines));
    if (!plic)
        return fail(Error::no_memory);
    TRY(find_contexts(*plic, node, node.tree()));
    set_interrupt_controller(*plic);
    return {};
}

[[gnu::section("fdt_drivers"), gnu::used, gnu::retain]]
constinit const FdtDriver sifive{"sifive,plic-1.0.0", Phase::interrupt_controller, start};

} // namespace
} // namespace device

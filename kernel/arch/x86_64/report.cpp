// What a broken kernel says of its registers.

#include "arch/x86_64/linker.hpp"
#include "arch/x86_64/msr.hpp"
#include "arch/x86_64/vectors.hpp"
#include "lib/format.hpp"
#include "lib/log.hpp"
#include "lib/log_sink.hpp"
#include "thread/cpu.hpp"
#include "thread/thread.hpp"

#include <arch/cpu.hpp>
#include <arch/frame.hpp>

namespace arch {
namespace {

template <typename... Args>
void line(format::Format<std::type_identity_t<Args>...> text, const Args&... args) {
    std::array<char, 160> buffer;
    klog::write_panic({buffer.data(), format::print(buffer, text, args...)});
}

constexpr std::array<std::string_view, 15> register_names{"r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10",
                                                          "r9 ", "r8 ", "rax", "rcx", "rdx", "rsi", "rdi"};

} // namespace

void print_registers(const KernelFrame& frame) {
    line(
        "vector {} error {:x} pc {:x} sp {:x} flags {:x}\n", frame.vector, frame.error_code, frame.program_counter,
        frame.stack_pointer, frame.status);
    line("cr0 {:x} cr2 {:x} cr3 {:x} cr4 {:x}\n", read_cr0(), read_cr2(), read_cr3(), read_cr4());
    for (std::size_t i = 0; i < register_names.size(); ++i)
        line("  {} {:x}{}", register_names[i], frame.general[i], i % 3 == 2 ? "\n" : "");
}

void print_backtrace() {
    constexpr std::size_t scanned_bytes = 2048, most = 16;
    const auto* word = static_cast<const std::uintptr_t*>(__builtin_frame_address(0));
    const auto* stack_end = reinterpret_cast<const std::uintptr_t*>(
        align_up(reinterpret_cast<std::uintptr_t>(word) + 1, page_size)); // the next page may be a guard
    const auto text = [](std::uintptr_t value) {
        return value >= reinterpret_cast<std::uintptr_t>(text_start)
               && value < reinterpret_cast<std::uintptr_t>(text_end);
    };
    line("return addresses on the stack:");
    std::size_t printed = 0;
    for (std::size_t i = 0; i < scanned_bytes / sizeof(*word) && word < stack_end && printed < most; ++i, ++word)
        if (text(*word)) {
            line(" {:x}", *word);
            ++printed;
        }
    line("\n");
}

void report_double_fault(const KernelFrame& frame, std::uintptr_t address) {
    // The frame that could not be pushed would have gone right below the stack pointer.
    const std::uintptr_t stack = thread::current().kernel_stack;
    const bool overflow = address < frame.stack_pointer + page_size && address + page_size > frame.stack_pointer;
    line(
        "\n{}: thread {} ({}), stack top {:x}, fault address {:x}\n",
        overflow ? "kernel stack overflow" : "double fault", thread::current().id, thread::current().name, stack,
        address);
    print_registers(frame);
    panic(overflow ? "kernel stack overflow" : "double fault");
}

} // namespace arch

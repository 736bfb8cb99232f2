#include "arch/x86_64/descriptors.hpp"
#include "arch/x86_64/linker.hpp"
#include "thread/cpu.hpp"

#include <arch/frame.hpp>
#include <arch/trampoline.hpp>

namespace arch {
namespace {

TrampolineMapping mapping_of(const void* start, std::size_t bytes, PageRights rights) {
    return {
        .va = reinterpret_cast<std::uintptr_t>(start),
        .pa = image_to_phys(start),
        .pages = bytes / page_size,
        .rights = rights};
}

} // namespace

std::span<const TrampolineMapping> trampoline_mappings() {
    static constinit std::array<TrampolineMapping, 2 + thread::max_cpus> mappings{};
    static constinit std::size_t count = 0;
    if (count != 0)
        return {mappings.data(), count};
    // Not global: kernel pages must leave the TLB with the root. The first caller is the only one: boot makes the
    // first address space.
    std::size_t filled = 0;
    mappings[filled++] = mapping_of(
        trampoline_start, static_cast<std::size_t>(trampoline_end - trampoline_start), {.read = true, .execute = true});
    mappings[filled++] = mapping_of(idt_bytes().data(), idt_bytes().size(), {.read = true});
    for (unsigned i = 0; i < thread::cpu_count(); ++i)
        mappings[filled++] = mapping_of(&thread::cpu(i).arch, sizeof(CpuLocal), {.read = true, .write = true});
    count = filled;
    return {mappings.data(), count};
}

void initialise_user_frame(UserFrame& frame, std::uintptr_t pc, std::uintptr_t sp) {
    frame.general = {};
    frame.vector = 0;
    frame.error_code = 0;
    frame.program_counter = pc;
    frame.code_segment = USER_CODE_SELECTOR;
    frame.status = flag::always_one | flag::interrupt;
    frame.stack_pointer = sp;
    frame.stack_segment = USER_DATA_SELECTOR;
    frame.original_rax = ~std::uint64_t{0};
}

void bind_frame(
    UserFrame& frame, thread::Thread& thread, std::uintptr_t kernel_stack, const Translation& translation,
    std::uintptr_t frame_user_view) {
    const bool isolated = frame_user_view != 0;
    frame.thread = &thread;
    frame.kernel_stack = kernel_stack;
    frame.full_root = isolated ? translation.root.value : 0;
    frame.isolated_root = isolated ? translation.isolated_root.value : 0;
    frame.user_view = frame_user_view;
}

} // namespace arch

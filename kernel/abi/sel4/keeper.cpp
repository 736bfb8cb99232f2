#include "abi/sel4/keeper.hpp"

#include "abi/personality.hpp"
#include "abi/sel4/load.hpp"
#include "abi/sel4/system.hpp"
#include "file/open_file.hpp"
#include "lib/log.hpp"
#include "memory/frame.hpp"
#include "process/exec.hpp"
#include "process/lifecycle.hpp"
#include "process/send.hpp"
#include "process/table.hpp"
#include "thread/scheduler.hpp"

#include <memory>
#include <new>

namespace abi::sel4 {
namespace {

struct Keeper : abi::ThreadState {
    System* system = nullptr; // null until its program is loaded
};

Keeper& keeper_of(thread::Thread& thread) {
    return *static_cast<Keeper*>(thread.abi_state);
}

/// To one of the process's streams.
void write_to(std::int32_t descriptor, std::string_view text) {
    const auto output = process::current().files->get(descriptor);
    if (!output)
        return;
    file::Source source(std::as_bytes(std::span(text)));
    while (source.remaining() != 0)
        if (const auto written = (*output)->write(source); !written || *written == 0)
            return;
}

/// Tells the user why there is no system.
template <typename... Args>
void complain(format::Format<std::type_identity_t<Args>...> text, const Args&... args) {
    std::array<char, 160> line;
    write_to(2, {line.data(), format::print(line, text, args...)});
}

/// Bytes for the system: what was asked for, else nearly all memory for one that is all that runs and a share of what
/// is free for others.
std::uint64_t memory_quota(process::Process& self, std::uint64_t wanted) {
    constexpr std::uint64_t spared = 16u << 20; // bytes that the rest of the kernel keeps
    const std::uint64_t free = memory::free_frame_count() * page_size;
    if (wanted != 0)
        return wanted;
    if (self.parent_id.load() > process::first_process_id)
        return free / 4;
    return free > 2 * spared ? free - spared : free / 2;
}

Result<System*> load_program(process::Process& self, Options options) {
    options.memory = memory_quota(self, options.memory);
    const file::Path executable = self.executable_of();
    const auto image = std::unique_ptr<process::ElfImage>(new (std::nothrow) process::ElfImage);
    if (!image)
        return fail(Error::no_memory);
    TRY(process::read_image(executable.inode(), *image));
    const std::uint64_t least = least_memory(*image), free = memory::free_frame_count() * page_size;
    if (options.memory < least || options.memory > free) {
        complain(
            "seL4: {} KiB of memory: this root task needs {} KiB, {} KiB are free\n", options.memory >> 10, least >> 10,
            free >> 10);
        return fail(Error::no_memory);
    }
    return create_system(executable.inode(), *image, options);
}

/// Writes what the system has printed. Takes its time: the system runs on meanwhile.
void write_text(System& system) {
    std::array<char, 512> text;
    for (;;) {
        std::size_t bytes;
        {
            SpinlockGuard guard(system.event_lock);
            bytes = system.console.take(text);
        }
        if (bytes == 0)
            return;
        write_to(1, {text.data(), bytes});
    }
}

/// False: the system asked for its end.
bool wait_for_event(System& system) {
    SpinlockGuard guard(system.event_lock);
    while (system.console.empty()) {
        if (system.has_ended)
            return false;
        if (!system.event.wait(system.event_lock))
            return true; // a signal
    }
    return true;
}

} // namespace

void entered(thread::Thread& thread) {
    thread.work.fetch_or(thread::work_signal); // keep_system() is where it goes instead of user mode
}

Result<> keeper_created(thread::Thread& child, thread::Thread*) {
    auto* keeper = new (std::nothrow) Keeper;
    if (!keeper)
        return fail(Error::no_memory);
    child.abi_state = keeper;
    return {};
}

void keeper_ended(thread::Thread& thread) {
    if (System* const system = std::exchange(keeper_of(thread).system, nullptr))
        destroy_system(system);
}

void keeper_freed(thread::Thread& thread) {
    delete static_cast<Keeper*>(std::exchange(thread.abi_state, nullptr));
}

void keep_system(thread::Thread& thread) {
    constexpr std::uint8_t status_own_failure = 125;
    thread::set_priority(thread, 255); // as the root task may have
    auto loaded = load_program(process::current(), get_options(*thread.frame));
    if (!loaded) {
        klog::error("seL4: the root task cannot be loaded: {}", loaded.error());
        process::exit_process({process::ChildEvent::exited, status_own_failure});
    }
    System& system = **loaded;
    keeper_of(thread).system = &system;
    start_system(system);
    while (wait_for_event(system)) {
        write_text(system);
        static_cast<void>(process::take_delivery(thread)); // ends the process when a signal says so
        if (thread.work.load() & thread::work_stop)
            process::stop_current();
    }
    write_text(system);
    process::exit_process({process::ChildEvent::exited, 0});
}

} // namespace abi::sel4

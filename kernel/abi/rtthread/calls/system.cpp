#include "abi/rtthread/calls/system.hpp"

#include "abi/rtthread/thread_state.hpp"
#include "abi/rtthread/times.hpp"
#include "file/random.hpp"
#include "file/transfer.hpp"
#include "lib/log.hpp"
#include "memory/frame.hpp"
#include "process/host_name.hpp"
#include "process/process.hpp"
#include "process/table.hpp"

#include <arch/boot.hpp>
#include <arch/cpu.hpp>

namespace abi::rtthread {
namespace {

void copy_text(NameField& to, std::string_view from) {
    to[from.copy(to.data(), to.size() - 1)] = '\0';
}

} // namespace

Result<std::int32_t> sys_get_errno(thread::Thread& thread) {
    return state_of(thread).last_error;
}

Result<> sys_uname(memory::UserPtr<SystemName> name) {
    SystemName result{};
    std::array<char, process::SystemName::max_length> text;
    copy_text(result.system, "RT-Thread");
    copy_text(result.node, process::host_name().get(text));
    copy_text(result.release, generation_of(thread::current()) == Generation::newest ? "5.2.0" : "5.0.1");
    copy_text(result.version, "Tetrapylon");
    copy_text(result.machine, arch::isa_name());
    return name.write(result);
}

Result<> sys_sysinfo(memory::UserPtr<SystemInfo> info) {
    SystemInfo result{};
    result.uptime = thread::now() / nanoseconds_per_second;
    result.total = memory::total_frame_count();
    result.free = memory::free_frame_count();
    result.processes = static_cast<std::uint16_t>(process::counts().threads);
    result.unit = page_size;
    return info.write(result);
}

Result<std::size_t> sys_getrandom(memory::UserBytes buffer, Flags flags) {
    constexpr std::uint32_t known = 3; // GRND_NONBLOCK, GRND_RANDOM: never waits, one source
    if (flags.bits & ~known)
        return fail(Error::invalid_argument);
    file::Sink to(buffer.address(), std::min(buffer.size(), std::size_t{0x7fff'ffff}));
    return file::put_random(to);
}

Result<> sys_reboot(std::uint32_t magic, std::uint32_t magic2, std::uint32_t command, UserAddr) {
    constexpr std::uint32_t first_magic = 0xfee1dead, second_magic = 672274793;
    constexpr std::uint32_t restart = 0x01234567, halt = 0xcdef0123, power_off = 0x4321fedc;
    if (!process::current().credentials_of().is_root())
        return fail(Error::not_permitted);
    if (magic != first_magic || magic2 != second_magic)
        return fail(Error::invalid_argument);
    switch (command) {
    case restart:
        arch::reboot();
    case halt:
    case power_off:
        arch::power_off();
    default:
        return fail(Error::invalid_argument);
    }
}

Result<> sys_log(thread::Thread& thread, memory::ConstUserBytes text) {
    std::array<char, 200> line;
    const std::size_t bytes = std::min(text.size(), line.size());
    TRY(memory::copy_in(line.data(), text.address(), bytes));
    klog::info("rtthread: {} ({}): {}", std::string_view(thread.name), thread.id, std::string_view(line.data(), bytes));
    return {};
}

} // namespace abi::rtthread

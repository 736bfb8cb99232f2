#include "abi/linux/calls/system.hpp"

#include "abi/linux/thread_state.hpp"
#include "abi/linux/time_values.hpp"
#include "file/random.hpp"
#include "file/transfer.hpp"
#include "lib/log.hpp"
#include "lib/log_sink.hpp"
#include "lib/version.hpp"
#include "memory/frame.hpp"
#include "process/host_name.hpp"
#include "process/table.hpp"
#include "thread/cpu.hpp"

#include <algorithm>
#include <arch/boot.hpp>
#include <asm/errno.h>
#include <linux/random.h>
#include <linux/reboot.h>

namespace abi::linux {
namespace {

template <std::size_t N>
void copy_name(char (&to)[N], std::string_view from) {
    to[from.copy(to, N - 1)] = '\0';
}

Result<> require_root() {
    return process::current().credentials_of().is_root() ? Result<>() : fail(Error::not_permitted);
}

Result<> set_name(process::SystemName& which, memory::UserPtr<const char> name, std::int32_t length) {
    TRY(require_root());
    std::array<char, process::SystemName::max_length> text;
    if (length < 0 || static_cast<std::size_t>(length) > text.size())
        return fail(Error::invalid_argument);
    const auto used = static_cast<std::size_t>(length);
    TRY(memory::copy_in(text.data(), name.address(), used));
    return which.set({text.data(), used});
}

// syslog(2): the actions have names only in the C library's header.
enum SyslogAction : std::int32_t {
    log_close = 0,
    log_open = 1,
    log_read = 2,
    log_read_all = 3,
    log_read_clear = 4,
    log_clear = 5,
    log_console_off = 6,
    log_console_on = 7,
    log_console_level = 8,
    log_size_unread = 9,
    log_size_buffer = 10,
};

Result<std::int32_t> read_log(memory::UserPtr<char> buffer, std::int32_t length) {
    if (!buffer || length < 0)
        return fail(Error::invalid_argument);
    std::array<char, 1024> part;
    const std::size_t wanted = std::min(static_cast<std::size_t>(length), klog::ring_capacity);
    const std::size_t held = std::min(wanted, klog::ring_used());
    std::size_t copied = 0;
    while (copied < held) {
        const std::size_t got =
            klog::read_ring(std::span(part).first(std::min(part.size(), held - copied)), held - copied);
        if (got == 0)
            break;
        TRY(memory::copy_out(buffer.address() + copied, part.data(), got));
        copied += got;
    }
    return static_cast<std::int32_t>(copied);
}

} // namespace

Result<> sys_uname(memory::UserPtr<struct new_utsname> name) {
    struct new_utsname result{};
    std::array<char, process::SystemName::max_length> text;
    copy_name(result.sysname, kernel_type);
    copy_name(result.nodename, process::host_name().get(text));
    copy_name(result.release, kernel_release);
    copy_name(result.version, kernel_version);
    copy_name(result.machine, arch::isa_name());
    copy_name(result.domainname, process::domain_name().get(text));
    return name.write(result);
}

Result<> sys_sethostname(memory::UserPtr<const char> name, std::int32_t length) {
    return set_name(process::host_name(), name, length);
}

Result<> sys_setdomainname(memory::UserPtr<const char> name, std::int32_t length) {
    return set_name(process::domain_name(), name, length);
}

Result<> sys_sysinfo(memory::UserPtr<struct sysinfo> info) {
    struct sysinfo result{};
    result.uptime = static_cast<__kernel_long_t>(thread::now() / nanoseconds_per_second);
    result.totalram = memory::total_frame_count();
    result.freeram = memory::free_frame_count();
    result.procs = static_cast<std::uint16_t>(process::counts().threads);
    result.mem_unit = page_size;
    return info.write(result);
}

Result<std::size_t> sys_getrandom(memory::UserBytes buffer, Flags flags) {
    constexpr std::uint32_t known = GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE;
    if ((flags.bits & ~known) || (flags.bits & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE))
        return fail(Error::invalid_argument);
    file::Sink to(buffer.address(), std::min(buffer.size(), std::size_t{0x7fff'ffff}));
    return file::put_random(to);
}

Result<> sys_getcpu(memory::UserPtr<std::uint32_t> cpu, memory::UserPtr<std::uint32_t> node, UserAddr) {
    if (cpu)
        TRY(cpu.write(arch::current_cpu().index));
    if (node)
        TRY(node.write(0));
    return {};
}

Result<std::int32_t> sys_syslog(std::int32_t action, memory::UserPtr<char> buffer, std::int32_t length) {
    TRY(require_root());
    switch (action) {
    case log_close:
    case log_open:
        return 0;
    case log_read_all:
        return read_log(buffer, length);
    case log_size_buffer:
        return static_cast<std::int32_t>(klog::ring_capacity);
    case log_size_unread:
        return 0;
    case log_console_level:
        return length >= 1 && length <= 8 ? Result<std::int32_t>(0) : fail(Error::invalid_argument);
    default:
        return fail(Error::invalid_argument);
    }
}

Result<> sys_reboot(std::uint32_t magic, std::uint32_t magic2, std::uint32_t command, UserAddr) {
    TRY(require_root());
    const bool known = magic2 == LINUX_REBOOT_MAGIC2 || magic2 == LINUX_REBOOT_MAGIC2A || magic2 == LINUX_REBOOT_MAGIC2B
                       || magic2 == LINUX_REBOOT_MAGIC2C;
    if (magic != LINUX_REBOOT_MAGIC1 || !known)
        return fail(Error::invalid_argument);
    switch (command) {
    case LINUX_REBOOT_CMD_CAD_ON:
    case LINUX_REBOOT_CMD_CAD_OFF:
        return {}; // there is no Ctrl-Alt-Delete on a serial line to switch
    case LINUX_REBOOT_CMD_RESTART:
        arch::reboot();
    case LINUX_REBOOT_CMD_HALT:
    case LINUX_REBOOT_CMD_POWER_OFF:
        arch::power_off();
    default:
        return fail(Error::invalid_argument);
    }
}

} // namespace abi::linux

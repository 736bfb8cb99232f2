#include "machine.hpp"

#include "failure.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace host {

namespace {

struct MachineKind {
    std::string machine; ///< value of -machine
    std::string cpu;
    std::string virtio_serial; ///< the device model of virtio-serial on this machine's bus
    std::string virtio_disk;   ///< that of a virtio disk
};

void require(bool holds, std::string_view message) {
    if (!holds) {
        throw Failure(own_failure, std::string(message));
    }
}

MachineKind machine_kind(Isa isa, const RunOptions& options) {
    const std::string& name = options.machine;
    const auto cpu_or = [&](const char* usual) { return options.cpu.empty() ? usual : options.cpu; };
    if (isa != Isa::x86_64) {
        const std::string isa_name(name_of(isa));
        require(
            name.empty() || name == "virt" || name == "virt-pci", "--machine: " + isa_name + " has virt and virt-pci");
        const std::string machine = isa == Isa::aarch64 ? fmt::format("virt,gic-version={}", options.gic) : "virt";
        const std::string cpu = cpu_or(isa == Isa::aarch64 ? "cortex-a53" : "rv64");
        if (name == "virt-pci") {
            return {machine, cpu, "virtio-serial-pci", "virtio-blk-pci"};
        }
        return {machine, cpu, "virtio-serial-device", "virtio-blk-device"};
    }
    require(name.empty() || name == "q35" || name == "microvm", "--machine: x86_64 has q35 and microvm");
    // What seL4 and its programs are built for, if nobody says otherwise (KernelX86MicroArch): they have SSE4.
    const std::string usual_cpu = cpu_or(options.abi == "sel4" ? "Nehalem" : "qemu64");
    if (name == "microvm") {
        return {"microvm,rtc=on", usual_cpu, "virtio-serial-device", "virtio-blk-device"};
    }
    return {"q35", usual_cpu, "virtio-serial-pci", "virtio-blk-pci"};
}

/// The kernel's command line: its own words first, the user's last.
std::string kernel_words(const RunOptions& options) {
    std::string words = fmt::format("log={}", options.kernel_log.empty() ? "warn" : options.kernel_log);
    if (options.isolate) {
        words += " isolate";
    }
    if (!options.append.empty()) {
        words += " " + options.append;
    }
    return words;
}

/// What does not fit would be loaded over each other, and nobody would be left to say so.
void require_room(std::uint64_t memory, const MachineFiles& files) {
    constexpr std::uint64_t kernel_start = 2 << 20; // in RAM, on all ISAs
    constexpr std::uint64_t not_in_files = 1 << 20; // the kernel's zeroed data and what the firmware keeps at the end
    const std::uint64_t needed = kernel_start + not_in_files + std::filesystem::file_size(files.kernel)
                                 + std::filesystem::file_size(files.initrd);
    require(memory >= needed, fmt::format("--memory: kernel and root alone need {} MiB", (needed >> 20) + 1));
}

/// In a list of QEMU's options a comma is written twice.
std::string quoted(std::string text) {
    for (std::size_t at = 0; (at = text.find(',', at)) != std::string::npos; at += 2) {
        text.insert(at, 1, ',');
    }
    return text;
}

/// A file that may not be written is a disk that cannot be written.
std::vector<std::string> disk_words(const MachineKind& kind, const std::string& image) {
    const char* read_only = access(image.c_str(), W_OK) == 0 ? "off" : "on";
    return {
        "-drive", fmt::format("if=none,id=disk,format=raw,readonly={},file={}", read_only, quoted(image)), "-device",
        fmt::format("{},drive=disk", kind.virtio_disk)};
}

constexpr std::array<std::string_view, channel_count> channel_names{
    "uart",           "tetrapylon.stdin",   "tetrapylon.stdout", "tetrapylon.stderr",
    "tetrapylon.log", "tetrapylon.control", "tetrapylon.trace"};

} // namespace

void check_machine(Isa isa, const RunOptions& options) {
    machine_kind(isa, options);
    require(parse_size(options.memory).has_value(), "--memory: a size such as 64M or 1G is expected");
    require(
        options.disk.empty() || access(options.disk.c_str(), R_OK) == 0,
        fmt::format("--disk {}: cannot be read", options.disk));
}

std::vector<std::string> qemu_command(Isa isa, const RunOptions& options, const MachineFiles& files) {
    const MachineKind kind = machine_kind(isa, options);
    const auto memory = parse_size(options.memory);
    require_room(memory.value_or(0), files);

    std::vector<std::string> command{
        fmt::format("qemu-system-{}", name_of(isa)), "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
        "-machine", kind.machine, "-cpu", kind.cpu, "-smp", std::to_string(options.smp), "-m",
        fmt::format("{}B", memory.value_or(0)), "-kernel", files.kernel.string(), "-initrd", files.initrd.string(),
        "-append", kernel_words(options),
        // virtio 1.0 registers; QEMU's default is the older layout.
        "-global", "virtio-mmio.force-legacy=false", "-device",
        fmt::format("{},id=ports,max_ports=8", kind.virtio_serial)};
    for (std::size_t index = 0; index < channel_count; index++) {
        if (index == static_cast<std::size_t>(Channel::trace) && options.trace.empty()) {
            continue; // its socket ends with QEMU's, unused
        }
        command.insert(
            command.end(), {"-chardev", fmt::format("socket,id=c{},fd={}", index, files.channels.at(index))});
        if (index == 0) {
            command.insert(command.end(), {"-serial", "chardev:c0"});
        } else {
            command.insert(
                command.end(), {"-device", fmt::format(
                                               "virtserialport,bus=ports.0,nr={},chardev=c{},name={}", index, index,
                                               channel_names.at(index))});
        }
    }
    if (!options.disk.empty()) {
        const std::vector<std::string> words = disk_words(kind, options.disk);
        command.insert(command.end(), words.begin(), words.end());
    }
    if (options.icount) {
        // One instruction is one nanosecond, and idle time is skipped: runs repeat exactly.
        command.insert(command.end(), {"-icount", "shift=0,sleep=off"});
    }
    if (files.gdb_port != 0) {
        command.insert(command.end(), {"-gdb", fmt::format("tcp:127.0.0.1:{}", files.gdb_port)});
    }
    if (files.gdb_socket >= 0) {
        command.insert(
            command.end(), {"-chardev", fmt::format("socket,id=gdb,fd={}", files.gdb_socket), "-gdb", "chardev:gdb"});
    }
    if (options.stopped) {
        command.emplace_back("-S");
    }
    return command;
}

} // namespace host

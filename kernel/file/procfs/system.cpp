// /proc itself: the machine as a whole (proc(5)).

#include "file/load_average.hpp"
#include "file/procfs/node.hpp"
#include "file/working_directory.hpp"
#include "lib/version.hpp"
#include "memory/frame.hpp"
#include "process/host_name.hpp"
#include "thread/cpu.hpp"
#include "thread/wall_clock.hpp"

#include <arch/cpu.hpp>
#include <new>

namespace file::proc {

namespace {

constexpr thread::Time second = 1'000'000'000;
constexpr thread::Time hundredth = second / 100;
constexpr std::uint64_t page_kib = page_size / 1024;

struct CpuTimes {
    thread::Time user = 0, system = 0, idle = 0;
};

CpuTimes times_of(unsigned index) {
    thread::Cpu& cpu = thread::cpu(index);
    thread::Time up = thread::now();
    thread::Time busy = cpu.user_time + cpu.system_time;
    return {cpu.user_time, cpu.system_time, up > busy ? up - busy : 0};
}

CpuTimes total_times() {
    CpuTimes total;
    for (unsigned i = 0; i < thread::cpu_count(); ++i) {
        CpuTimes one = times_of(i);
        total.user += one.user;
        total.system += one.system;
        total.idle += one.idle;
    }
    return total;
}

void write_hundredths(Text& to, thread::Time time) {
    to.print("{}.", time / second);
    to.put_padded(time % second / hundredth, 2, '0');
}

Result<> write_uptime(Text& to, const Subject&) {
    write_hundredths(to, thread::now());
    to.put(" ");
    write_hundredths(to, total_times().idle);
    to.put("\n");
    return {};
}

void write_cpu_line(Text& to, const CpuTimes& times) {
    to.print(" {} 0 {} {} 0 0 0 0 0 0\n", times.user / hundredth, times.system / hundredth, times.idle / hundredth);
}

Result<> write_stat(Text& to, const Subject&) {
    to.put("cpu ");
    write_cpu_line(to, total_times());
    for (unsigned i = 0; i < thread::cpu_count(); ++i) {
        to.print("cpu{}", i);
        write_cpu_line(to, times_of(i));
    }
    process::Counts counts = process::counts();
    to.print("btime {}\nprocesses {}\n", thread::boot_time() / second, counts.last_id);
    to.print("procs_running {}\nprocs_blocked 0\n", counts.running);
    return {};
}

Result<> write_loadavg(Text& to, const Subject&) {
    process::Counts counts = process::counts();
    for (unsigned hundredths : load_averages()) {
        to.print("{}.", hundredths / 100);
        to.put_padded(hundredths % 100, 2, '0');
        to.put(" ");
    }
    to.print("{}/{} {}\n", counts.running, counts.threads, counts.last_id);
    return {};
}

void write_kib(Text& to, std::string_view name, std::uint64_t kib) {
    to.put(name);
    to.put_padded(kib, 24 - static_cast<unsigned>(name.size()));
    to.put(" kB\n");
}

Result<> write_meminfo(Text& to, const Subject&) {
    std::uint64_t total = memory::total_frame_count() * page_kib;
    std::uint64_t free = memory::free_frame_count() * page_kib;
    // Files in memory are this kernel's page cache; they cannot be given back, so they are not available.
    std::uint64_t cached = tree_root().mount->file_system->usage().blocks * page_kib
                           - tree_root().mount->file_system->usage().free_blocks * page_kib;
    write_kib(to, "MemTotal:", total);
    write_kib(to, "MemFree:", free);
    write_kib(to, "MemAvailable:", free);
    write_kib(to, "Buffers:", 0);
    write_kib(to, "Cached:", cached);
    write_kib(to, "SwapCached:", 0);
    write_kib(to, "SwapTotal:", 0);
    write_kib(to, "SwapFree:", 0);
    write_kib(to, "Dirty:", 0);
    write_kib(to, "Writeback:", 0);
    write_kib(to, "Shmem:", cached);
    write_kib(to, "Slab:", 0);
    return {};
}

Result<> write_version(Text& to, const Subject&) {
    to.print("Linux version {} (tetrapylon) {}\n", kernel_release, kernel_version);
    return {};
}

Result<> write_cpuinfo(Text& to, const Subject&) {
    for (unsigned i = 0; i < thread::cpu_count(); ++i) {
        to.print("processor\t: {}\n", i);
        to.print("model name\t: {}\n", arch::isa_name());
        to.print("hardware id\t: {:x}\n\n", thread::cpu(i).hardware_id);
    }
    return {};
}

Result<> write_filesystems(Text& to, const Subject&) {
    to.put("nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tramfs\nnodev\tdevtmpfs\n");
    return {};
}

Result<> write_frames(Text& to, const Subject&) {
    to.print("{}\n", memory::free_frame_count());
    return {};
}

Result<> write_self(Text& to, const Subject&) {
    to.print("{}", process::current().id);
    return {};
}

Result<> write_thread_self(Text& to, const Subject&) {
    to.print("{}/task/{}", process::current().id, thread::current().id);
    return {};
}

Result<> write_mounts_link(Text& to, const Subject&) {
    to.put("self/mounts");
    return {};
}

// sys/kernel

template <process::SystemName& (*Name)()>
Result<> write_name(Text& to, const Subject&) {
    char name[process::SystemName::max_length];
    to.print("{}\n", Name().get(name));
    return {};
}

template <process::SystemName& (*Name)()>
Result<> store_name(std::string_view text, const Subject&) {
    return Name().set(text.substr(0, text.find('\n')));
}

template <const std::string_view& Word>
Result<> write_word(Text& to, const Subject&) {
    to.print("{}\n", Word);
    return {};
}

template <std::uint64_t Number>
Result<> write_number(Text& to, const Subject&) {
    to.print("{}\n", Number);
    return {};
}

constexpr Node text(std::string_view name, Result<> (*write)(Text&, const Subject&)) {
    return {.name = name, .text = write};
}
constexpr Node directory(std::string_view name, std::span<const Node> children) {
    return {.name = name, .type = Type::directory, .mode = 0555, .children = children};
}
constexpr Node link(std::string_view name, Result<> (*write)(Text&, const Subject&)) {
    return {.name = name, .type = Type::symlink, .mode = 0777, .link = write};
}

constexpr std::uint64_t largest_pipe = 1 << 20, most_files = 1 << 20;

constexpr Node kernel_rows[] = {
    {.name = "hostname", .mode = 0644, .text = write_name<process::host_name>, .store = store_name<process::host_name>},
    {.name = "domainname",
     .mode = 0644,
     .text = write_name<process::domain_name>,
     .store = store_name<process::domain_name>},
    text("ostype", write_word<kernel_type>),
    text("osrelease", write_word<kernel_release>),
    text("version", write_word<kernel_version>),
    text("pid_max", write_number<process::max_id>),
};
constexpr Node fs_rows[] = {
    text("pipe-max-size", write_number<largest_pipe>),
    text("nr_open", write_number<most_files>),
    text("file-max", write_number<most_files>),
};
constexpr Node vm_rows[] = {text("overcommit_memory", write_number<0>)};
constexpr Node sys_rows[] = {directory("kernel", kernel_rows), directory("fs", fs_rows), directory("vm", vm_rows)};
constexpr Node own_rows[] = {text("frames", write_frames)};

constexpr Node root_rows[] = {
    link("self", write_self),          link("thread-self", write_thread_self),
    link("mounts", write_mounts_link), text("stat", write_stat),
    text("uptime", write_uptime),      text("loadavg", write_loadavg),
    text("meminfo", write_meminfo),    text("version", write_version),
    text("cpuinfo", write_cpuinfo),    text("filesystems", write_filesystems),
    directory("sys", sys_rows),        directory("tetrapylon", own_rows),
};

void write_mount(Text& to, Mount& mounted, char* buffer, const Path& root) REQUIRES(tree_lock()) {
    Path top{Ref<Mount>::share(&mounted), mounted.root};
    auto name = absolute_name_locked(top, root, {buffer, longest_path});
    std::string_view source(mounted.source);
    std::uint32_t flags = mounted.flags.load(std::memory_order_relaxed);
    to.print(
        "{} {} {} ", source.empty() ? std::string_view("none") : source, name ? *name : std::string_view("?"),
        std::string_view(mounted.file_system->type_name()));
    to.put(flags & mount_read_only ? "ro" : "rw");
    if (flags & mount_no_set_id)
        to.put(",nosuid");
    if (flags & mount_no_devices)
        to.put(",nodev");
    if (flags & mount_no_execute)
        to.put(",noexec");
    if (flags & mount_no_atime)
        to.put(",noatime");
    to.put(" 0 0\n");
}

} // namespace

std::span<const Node> system_nodes() {
    return root_rows;
}

Result<> write_mounts(Text& to, const Subject& of) {
    auto directory = TRY(of.find())->directory_of();
    Path root = directory ? directory->root() : tree_root();
    auto* buffer = new (std::nothrow) char[longest_path];
    if (!buffer)
        return fail(Error::no_memory);
    {
        thread::MutexGuard guard(tree_lock());
        for (Mount& mounted : all_mounts())
            write_mount(to, mounted, buffer, root);
    }
    delete[] buffer;
    return {};
}

} // namespace file::proc

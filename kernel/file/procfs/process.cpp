// /proc/PID (proc(5)).

#include "file/directory_file.hpp"
#include "file/procfs/node.hpp"
#include "memory/address_space.hpp"
#include "memory/mapping.hpp"

#include <new>

namespace file::proc {

namespace {

using process::Process;
using process::Snapshot;
using process::State;

constexpr thread::Time clock_tick = 10'000'000; // USER_HZ: 100 per second
constexpr std::uint64_t page_kib = page_size / 1024;

std::uint64_t ticks(thread::Time time) {
    return time / clock_tick;
}

Result<Snapshot> snapshot_of(const Subject& of) {
    if (of.thread != 0) {
        auto thread = process::find_thread(of.thread);
        if (!thread)
            return fail(Error::no_process);
        return process::take_snapshot(*thread);
    }
    Ref<Process> process = TRY(of.find());
    return process::take_snapshot(*process);
}

char state_letter(const Snapshot& now) {
    if (now.state == State::zombie)
        return 'Z';
    if (now.state == State::stopped)
        return 'T';
    if (now.running)
        return 'R';
    return now.sleeping_uninterruptibly ? 'D' : 'S';
}

std::string_view state_word(char letter) {
    switch (letter) {
    case 'Z':
        return "Z (zombie)";
    case 'T':
        return "T (stopped)";
    case 'R':
        return "R (running)";
    case 'D':
        return "D (disk sleep)";
    default:
        return "S (sleeping)";
    }
}

std::string_view name_of(const Snapshot& now) {
    std::string_view name(now.name, sizeof now.name);
    return name.substr(0, name.find('\0'));
}

memory::AddressSpace::Usage memory_of(Process& process) {
    auto space = process.address_space_of();
    return space ? space->usage() : memory::AddressSpace::Usage{};
}

int exit_code(const process::ExitStatus& status) {
    using process::ChildEvent;
    if (status.event == ChildEvent::exited)
        return (status.value & 0xff) << 8;
    return status.value | (status.event == ChildEvent::dumped ? 0x80 : 0);
}

Result<> write_stat(Text& to, const Subject& of) {
    Snapshot now = TRY(snapshot_of(of));
    Ref<Process> process = TRY(of.find());
    auto memory = memory_of(*process);
    unsigned terminal = (now.terminal.minor & 0xff) | now.terminal.major << 8 | (now.terminal.minor & ~0xffu) << 12;
    to.print("{} ({}) ", now.id, name_of(now));
    to.put_character(state_letter(now));
    to.print(" {} {} {} {} {} 0", now.parent, now.group, now.session, terminal, now.foreground_group);
    to.print(" {} {} 0 0", now.usage.minor_faults, now.children.minor_faults);
    to.print(
        " {} {} {} {}", ticks(now.usage.user), ticks(now.usage.system), ticks(now.children.user),
        ticks(now.children.system));
    to.print(" {} {} {} 0 {}", 20 + now.nice, now.nice, now.threads, ticks(now.start_time));
    constexpr std::uint64_t no_limit = ~std::uint64_t{0};
    to.print(" {} {} {}", memory.virtual_pages * page_size, memory.resident_pages, no_limit);
    to.print(" 0 0 {} 0 0", now.arguments.stack); // code bounds, stack, current registers
    // Signals in their old 31-bit form.
    to.print(
        " {} {} {} {}", now.pending.bits & 0x7fffffff, now.blocked.bits & 0x7fffffff, now.ignored.bits & 0x7fffffff,
        now.caught.bits & 0x7fffffff);
    to.print(" 0 0 0 17 {} 0 0 0 0 0", now.cpu);
    to.print(
        " 0 0 0 {} {} {} {} {}\n", now.arguments.start, now.arguments.end, now.arguments.environment_start,
        now.arguments.environment_end, exit_code(now.exit_status));
    return {};
}

Result<> write_statm(Text& to, const Subject& of) {
    Ref<Process> process = TRY(of.find());
    auto memory = memory_of(*process);
    std::uint64_t data = memory.heap_pages + memory.stack_pages;
    to.print(
        "{} {} {} {} 0 {} 0\n", memory.virtual_pages, memory.resident_pages, memory.shared_pages, memory.code_pages,
        data);
    return {};
}

void write_ids(Text& to, const process::Credentials& who) {
    to.print("Uid:\t{}\t{}\t{}\t{}\n", who.user, who.effective_user, who.saved_user, who.file_user);
    to.print("Gid:\t{}\t{}\t{}\t{}\n", who.group, who.effective_group, who.saved_group, who.file_group);
}

void write_groups(Text& to, const process::Credentials& who) {
    to.put("Groups:\t");
    for (std::size_t i = 0; i < who.group_count; ++i)
        to.print("{} ", who.groups[i]);
    to.put("\n");
}

void write_set(Text& to, std::string_view name, std::uint64_t bits) {
    to.put(name);
    to.put_hexadecimal(bits, 16);
    to.put("\n");
}

Result<> write_status(Text& to, const Subject& of) {
    Snapshot now = TRY(snapshot_of(of));
    Ref<Process> process = TRY(of.find());
    auto memory = memory_of(*process);
    auto directory = process->directory_of();
    auto files = process->files_of();
    to.print("Name:\t{}\n", name_of(now));
    to.put("Umask:\t");
    to.put_octal(directory ? directory->umask() : 022, 4);
    to.print("\nState:\t{}\nTgid:\t{}\nNgid:\t0\n", state_word(state_letter(now)), of.process);
    to.print("Pid:\t{}\nPPid:\t{}\nTracerPid:\t0\n", now.id, now.parent);
    write_ids(to, now.credentials);
    to.print("FDSize:\t{}\n", files ? files->size() : 0u);
    write_groups(to, now.credentials);
    to.print("NStgid:\t{}\nNSpid:\t{}\nNSpgid:\t{}\nNSsid:\t{}\n", of.process, now.id, now.group, now.session);
    if (now.state != State::zombie) {
        to.print("VmPeak:\t{} kB\nVmSize:\t{} kB\n", memory.virtual_pages * page_kib, memory.virtual_pages * page_kib);
        to.print("VmRSS:\t{} kB\n", memory.resident_pages * page_kib);
        to.print(
            "VmData:\t{} kB\nVmStk:\t{} kB\nVmExe:\t{} kB\n", memory.heap_pages * page_kib,
            memory.stack_pages * page_kib, memory.code_pages * page_kib);
    }
    to.print("Threads:\t{}\n", now.threads);
    write_set(to, "SigPnd:\t", now.pending.bits);
    write_set(to, "ShdPnd:\t", now.shared_pending.bits);
    write_set(to, "SigBlk:\t", now.blocked.bits);
    write_set(to, "SigIgn:\t", now.ignored.bits);
    write_set(to, "SigCgt:\t", now.caught.bits);
    write_set(to, "CapInh:\t", now.credentials.inheritable);
    write_set(to, "CapPrm:\t", now.credentials.permitted);
    write_set(to, "CapEff:\t", now.credentials.effective);
    to.print("NoNewPrivs:\t{}\n", now.credentials.no_new_privileges ? 1 : 0);
    to.print(
        "voluntary_ctxt_switches:\t{}\nnonvoluntary_ctxt_switches:\t{}\n", now.usage.voluntary_switches,
        now.usage.involuntary_switches);
    return {};
}

/// A part of the process's own memory as text.
Result<> write_memory(Text& to, Process& process, std::uintptr_t start, std::uintptr_t end) {
    auto space = process.address_space_of();
    if (!space)
        return {};
    char part[256];
    constexpr std::size_t longest = 128 * 1024;
    if (end > start + longest)
        end = start + longest;
    while (start < end) {
        std::size_t count = end - start < sizeof part ? end - start : sizeof part;
        if (!space->read_foreign(start, std::as_writable_bytes(std::span(part, count))))
            break; // unmapped since
        to.put({part, count});
        start += count;
    }
    return {};
}

Result<> write_cmdline(Text& to, const Subject& of) {
    Ref<Process> process = TRY(of.find());
    auto arguments = process::take_snapshot(*process).arguments;
    return write_memory(to, *process, arguments.start, arguments.end);
}

Result<> write_environ(Text& to, const Subject& of) {
    Ref<Process> process = TRY(of.find());
    auto arguments = process::take_snapshot(*process).arguments;
    return write_memory(to, *process, arguments.environment_start, arguments.environment_end);
}

Result<> write_comm(Text& to, const Subject& of) {
    Snapshot now = TRY(snapshot_of(of));
    to.print("{}\n", name_of(now));
    return {};
}

// maps

void write_mapping(
    Text& to, const memory::Mapping& mapping, const memory::MemoryObject* program, std::string_view program_name) {
    std::size_t start = to.view().size();
    to.put_hexadecimal(mapping.start, 8);
    to.put("-");
    to.put_hexadecimal(mapping.end, 8);
    const char rights[] = {
        ' ',
        mapping.rights.read ? 'r' : '-',
        mapping.rights.write ? 'w' : '-',
        mapping.rights.execute ? 'x' : '-',
        mapping.shared ? 's' : 'p',
        ' '};
    to.put({rights, sizeof rights});
    to.put_hexadecimal(mapping.offset, 8);
    const auto identity = mapping.object ? mapping.object->identity() : memory::MemoryObject::Identity{};
    to.put(" 00:");
    to.put_hexadecimal(identity.device, 2);
    to.print(" {} ", identity.inode);
    std::string_view name;
    if (mapping.name_is_stack)
        name = "[stack]";
    else if (mapping.name_is_heap)
        name = "[heap]";
    else if (program && mapping.object.get() == program)
        name = program_name;
    constexpr std::size_t name_column = 73;
    while (!name.empty() && to.view().size() - start < name_column)
        to.put(" ");
    to.put(name);
    to.put("\n");
}

Result<> write_maps(Text& to, const Subject& of) {
    Ref<Process> process = TRY(of.find());
    auto space = process->address_space_of();
    if (!space)
        return {};
    Path executable = process->executable_of();
    Ref<memory::MemoryObject> program;
    Text name;
    if (executable) {
        program = executable.inode().memory_object();
        write_path_name(name, executable);
    }
    space->for_each_mapping(
        [&](const memory::Mapping& mapping) { write_mapping(to, mapping, program.get(), name.view()); });
    return {};
}

// limits

struct LimitRow {
    std::string_view name;
    process::Resource resource;
    std::string_view unit;
};
using process::Resource;
constexpr LimitRow limit_rows[] = {
    {"Max cpu time", Resource::cpu_time, "seconds"},
    {"Max file size", Resource::file_size, "bytes"},
    {"Max data size", Resource::data, "bytes"},
    {"Max stack size", Resource::stack, "bytes"},
    {"Max core file size", Resource::core, "bytes"},
    {"Max resident set", Resource::resident, "bytes"},
    {"Max processes", Resource::processes, "processes"},
    {"Max open files", Resource::open_files, "files"},
    {"Max locked memory", Resource::locked_memory, "bytes"},
    {"Max address space", Resource::address_space, "bytes"},
    {"Max file locks", Resource::file_locks, "locks"},
    {"Max pending signals", Resource::pending_signals, "signals"},
    {"Max msgqueue size", Resource::message_queues, "bytes"},
    {"Max nice priority", Resource::nice, ""},
    {"Max realtime priority", Resource::realtime_priority, ""},
    {"Max realtime timeout", Resource::realtime_time, "us"},
};

void write_column(Text& to, std::string_view text, std::size_t width) {
    to.put(text);
    for (std::size_t i = text.size(); i < width; ++i)
        to.put(" ");
}

void write_limit(Text& to, std::uint64_t value) {
    char number[24];
    std::string_view text("unlimited");
    if (value != process::Limit::unlimited)
        text = {number, format::print(number, "{}", value)};
    write_column(to, text, 21);
}

Result<> write_limits(Text& to, const Subject& of) {
    Ref<Process> process = TRY(of.find());
    to.put("Limit                     Soft Limit           Hard Limit           Units     \n");
    for (const LimitRow& row : limit_rows) {
        process::Limit limit = process->limit(row.resource);
        write_column(to, row.name, 26);
        write_limit(to, limit.soft);
        write_limit(to, limit.hard);
        write_column(to, row.unit, 10);
        to.put("\n");
    }
    return {};
}

// The rows

template <Result<Path> (*Find)(const Subject&)>
Result<> write_link(Text& to, const Subject& of) {
    write_path_name(to, TRY(Find(of)));
    return {};
}

constexpr Node
link_to_object(std::string_view name, Result<> (*link)(Text&, const Subject&), Result<Path> (*object)(const Subject&)) {
    return {.name = name, .type = Type::symlink, .mode = 0777, .link = link, .object = object};
}
constexpr Node text(std::string_view name, Result<> (*write)(Text&, const Subject&), Mode mode = 0444) {
    return {.name = name, .mode = mode, .text = write};
}

constexpr Node descriptors{.name = "fd", .type = Type::directory, .mode = 0500, .listing = Node::Listing::descriptors};
constexpr Node tasks{.name = "task", .type = Type::directory, .mode = 0555, .listing = Node::Listing::threads};

constexpr Node shared_rows[] = {
    text("stat", write_stat),
    text("status", write_status),
    text("statm", write_statm),
    text("comm", write_comm),
    text("cmdline", write_cmdline),
    text("environ", write_environ, 0400),
    text("maps", write_maps),
    text("limits", write_limits),
    text("mounts", write_mounts),
    link_to_object("exe", write_link<executable_path>, executable_path),
    link_to_object("cwd", write_link<current_path>, current_path),
    link_to_object("root", write_link<root_path>, root_path),
    descriptors,
    tasks, // last: a thread's directory has all but this
};

} // namespace

std::span<const Node> process_nodes() {
    return shared_rows;
}

std::span<const Node> thread_nodes() {
    return std::span(shared_rows).first(std::size(shared_rows) - 1);
}

} // namespace file::proc

#include "boot/first_process.hpp"

#include "abi/trace.hpp"
#include "boot/control_port.hpp"
#include "boot/run_file.hpp"
#include "file/operations.hpp"
#include "file/write_back.hpp"
#include "lib/log.hpp"
#include "process/exec.hpp"
#include "process/lifecycle.hpp"
#include "process/table.hpp"
#include "terminal/device.hpp"
#include "terminal/terminal.hpp"

#include <new>

namespace boot {
namespace {

using process::ChildEvent;
using process::Process;

constexpr std::size_t largest_run_file = 4u << 20;
constexpr std::string_view standard_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Without a run file: an init of the root's own, else a shell.
constexpr std::string_view init_run("program=/init\0arg=init\0env=HOME=/\0env=TERM=linux\0", 49);
constexpr std::string_view shell_run("program=/bin/sh\0arg=sh\0env=HOME=/\0env=TERM=linux\0", 49);

constexpr int status_not_found = 127, status_not_executable = 126, status_own_failure = 125;

/// What the first process knows of the program that it starts.
struct Launch {
    char* text = nullptr; // the run file; null: the standard ones
    std::string_view records;
    RunFile run;
    Result<> outcome;    // of the start
    Result<> root;       // of unpacking the initrd
    Result<> disk;       // of mounting the disk, if there is one
    int failure = 0;     // exit status that says why it could not be started; 0: it was
    char name[128] = {}; // for messages
};

/// Reads all of a small file. Errors: those of look_up; too_big, no_memory, io.
Result<std::string_view> read_file(std::string_view path, char*& storage) {
    const file::CurrentIdentity who;
    const file::Path found = TRY(file::look_up({.place = *process::current().directory, .who = who}, path));
    const std::uint64_t size = found.inode().attributes().size;
    if (size > largest_run_file)
        return fail(Error::too_big);
    storage = new (std::nothrow) char[size + 1];
    if (!storage)
        return fail(Error::no_memory);
    const auto bytes = std::as_writable_bytes(std::span(storage, size));
    return std::string_view(storage, TRY(file::read_kernel(found.inode(), 0, bytes)));
}

Result<Ref<file::OpenFile>> open_stream(Stream stream, std::string_view port, std::uint32_t flags) {
    const file::CurrentIdentity who;
    std::string_view path = port;
    if (stream == Stream::tty)
        path = "/dev/console";
    else if (stream == Stream::null)
        path = "/dev/null";
    return file::open({.place = *process::current().directory, .who = who}, path, flags | file::open_no_terminal, 0);
}

/// A terminal is opened once for all its streams, as a shell expects it.
Result<> open_streams(const RunFile& run) {
    struct Wanted {
        Stream stream;
        std::string_view port;
        std::uint32_t flags;
    };
    const std::array wanted{
        Wanted{run.input, "/dev/virtio-ports/tetrapylon.stdin", file::open_read},
        Wanted{run.output, "/dev/virtio-ports/tetrapylon.stdout", file::open_write},
        Wanted{run.errors, "/dev/virtio-ports/tetrapylon.stderr", file::open_write},
    };
    file::FileTable& files = *process::current().files;
    Ref<file::OpenFile> tty;
    for (const Wanted& one : wanted) {
        Ref<file::OpenFile> opened;
        if (one.stream == Stream::tty) {
            if (!tty)
                tty = TRY(open_stream(Stream::tty, {}, file::open_read | file::open_write));
            opened = tty;
        } else {
            opened = TRY(open_stream(one.stream, one.port, one.flags));
        }
        TRY(files.add(std::move(opened), false, 3));
    }
    terminal::Terminal* console = terminal::console();
    if (!tty || !console)
        return {};
    if (run.rows != 0 && run.columns != 0)
        console->set_window_size({.rows = run.rows, .columns = run.columns});
    TRY(console->make_controlling());
    return console->set_foreground_group(process::current().id);
}

/// The program by its name: as it is when it has a slash, else in the directories of PATH.
Result<file::Path> find_program(const Launch& launch, std::span<char> found_name, std::string_view& path) {
    path = launch.run.program;
    if (path.contains('/'))
        return process::find_executable(path);
    std::string_view directories = standard_path;
    TRY(for_each_record(launch.records, "env", [&](std::string_view value) -> Result<> {
        if (value.starts_with("PATH="))
            directories = value.substr(5);
        return {};
    }));
    Error worst = Error::not_found;
    for (;;) {
        const std::size_t colon = directories.find(':');
        const std::string_view directory = directories.substr(0, colon);
        const std::size_t length = format::print(
            found_name, "{}/{}", directory.empty() ? std::string_view(".") : directory, launch.run.program);
        path = {found_name.data(), length};
        auto found = process::find_executable(path);
        if (found)
            return found;
        if (found.error() != Error::not_found && found.error() != Error::not_directory)
            worst = found.error();
        if (colon == std::string_view::npos)
            return fail(worst);
        directories.remove_prefix(colon + 1);
    }
}

Result<> change_directory(std::string_view path) {
    Process& self = process::current();
    const file::CurrentIdentity who;
    self.directory->set_current(TRY(file::look_up_directory({.place = *self.directory, .who = who}, path)));
    return {};
}

/// The program below the root that the run file names; that becomes the process's root then, else nothing changes.
Result<file::Path> find_in_own_root(const Launch& launch, std::span<char> found_name, std::string_view& path) {
    Process& self = process::current();
    const file::Path old_root = self.directory->root();
    const file::Path old_current = self.directory->current();
    const file::CurrentIdentity who;
    const file::Path root = TRY(file::look_up_directory({.place = *self.directory, .who = who}, launch.run.root));
    self.directory->set_root(root);
    self.directory->set_current(root);
    const bool is_path = launch.run.program.contains('/');
    path = launch.run.program;
    if (!is_path)
        path = {found_name.data(), format::print(found_name, "/{}", launch.run.program)};
    auto found = process::find_executable(path);
    if (!found) {
        self.directory->set_root(old_root);
        self.directory->set_current(old_current);
    }
    return found;
}

int failure_status(Error error) {
    if (error == Error::not_found || error == Error::not_directory)
        return status_not_found;
    return error == Error::no_memory ? status_own_failure : status_not_executable;
}

/// All up to the commit. `request` is filled.
Result<> prepare(Launch& launch, process::ExecRequest& request) {
    if (!launch.run.personality.empty()) {
        request.personality = abi::find_personality(launch.run.personality);
        if (!request.personality) {
            launch.failure = status_own_failure;
            return fail(Error::not_supported);
        }
    }
    request.isolate = launch.run.isolate;
    TRY(for_each_record(
        launch.records, "arg", [&](std::string_view value) { return request.arguments.append(value); }));
    TRY(for_each_record(
        launch.records, "env", [&](std::string_view value) { return request.environment.append(value); }));
    if (auto done = open_streams(launch.run); !done) {
        launch.failure = status_own_failure;
        return done;
    }
    std::array<char, 512> name;
    std::string_view path;
    file::Path executable;
    if (!launch.run.root.empty())
        if (auto found = find_in_own_root(launch, name, path))
            executable = *found;
    TRY(change_directory(launch.run.directory));
    if (!executable)
        executable = TRY(find_program(launch, name, path));
    return process::prepare(request, std::move(executable), path);
}

/// In the program's own process, still in the kernel. False: it cannot be started.
bool execute(Launch& launch) {
    auto* request = new (std::nothrow) process::ExecRequest;
    launch.outcome = request ? prepare(launch, *request) : Result<>(fail(Error::no_memory));
    if (launch.outcome)
        launch.outcome = process::commit(thread::current(), *request);
    if (launch.outcome && launch.run.trace != Trace::off) {
        launch.outcome = abi::start_tracing(thread::current(), launch.run.trace == Trace::follow);
        launch.failure = launch.outcome ? 0 : status_own_failure;
    }
    delete request;
    if (!launch.outcome && launch.failure == 0)
        launch.failure = failure_status(launch.outcome.error());
    return launch.outcome.has_value();
}

void program_main(void* argument) {
    if (!execute(*static_cast<Launch*>(argument)))
        process::exit_process({ChildEvent::exited, status_own_failure});
    process::become_program();
}

const char* explain(Error error) {
    switch (error) {
    case Error::not_found:
        return "not found";
    case Error::not_directory:
        return "a part of the path is no directory";
    case Error::access_denied:
        return "not a file that may be executed";
    case Error::not_executable:
        return "not in a format that can be executed";
    case Error::bad_executable:
        return "broken ELF file";
    case Error::wrong_architecture:
        return "made for another machine";
    case Error::no_memory:
        return "not enough memory";
    case Error::too_big:
        return "arguments and environment are too large";
    default:
        return error_name(error);
    }
}

[[noreturn]] void report(const Launch& launch, const process::WaitResult& result) {
    (void)file::sync_all(); // what a disk does not take was logged; the program's end stays what it is
    if (launch.failure != 0)
        finish(
            "error {} {}: {}", launch.failure, launch.run.program, std::string_view(explain(launch.outcome.error())));
    if (result.event == ChildEvent::exited)
        finish("exit {}", result.value & 0xff);
    finish("signal {}", result.value);
}

/// Which program, from the run file or the standard ones.
Result<> read_run_file(Launch& launch) {
    const auto text = read_file("/.tetrapylon/run", launch.text);
    if (text) {
        launch.records = *text;
    } else {
        const bool has_init = process::find_executable("/init").has_value();
        launch.records = has_init ? init_run : shell_run;
    }
    launch.run = TRY(RunFile::parse(launch.records));
    return {};
}

/// The first process: starts the program, adopts and buries orphans, and tells the host how the program ended.
void init_main(void* argument) {
    Launch& launch = *static_cast<Launch*>(argument);
    open_control_port();
    if (!launch.root)
        finish(
            "error 125 the initrd cannot be unpacked: {}",
            launch.root.error() == Error::no_memory || launch.root.error() == Error::no_space
                ? std::string_view("not enough memory")
                : std::string_view("it is no cpio archive, or broken"));
    if (!launch.disk)
        finish(
            "error 125 the disk cannot be mounted: {}",
            launch.disk.error() == Error::invalid_argument
                ? std::string_view("it holds no xv6 file system, or a broken one")
                : std::string_view(error_name(launch.disk.error())));
    if (auto done = read_run_file(launch); !done)
        finish("error 125 /.tetrapylon/run: {}", done.error());
    auto program = process::spawn(&process::current(), "program", program_main, &launch);
    if (!program)
        finish("error 125 {}: {}", launch.run.program, program.error());
    set_control_group((*program)->id);
    for (;;) {
        const auto ended = process::wait(process::current(), {.all = true});
        if (ended && ended->id == (*program)->id)
            report(launch, *ended);
    }
}

Launch the_launch;

} // namespace

Result<> start_first_process(BootInfo& info) {
    the_launch.root = info.root;
    the_launch.disk = info.disk;
    const Ref<Process> init = TRY(process::spawn(nullptr, "init", init_main, &the_launch));
    return {};
}

} // namespace boot

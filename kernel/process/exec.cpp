#include "process/exec.hpp"

#include "abi/trace.hpp"
#include "file/operations.hpp"
#include "lib/log.hpp"
#include "process/lifecycle.hpp"
#include "process/notify.hpp"
#include "thread/scheduler.hpp"
#include "trap/trap.hpp"

#include <arch/context.hpp>
#include <cstring>

namespace process {

namespace {

constexpr unsigned max_scripts = 5;                   // interpreters of interpreters
constexpr std::size_t script_line = 256;              // bytes of "#!" line that count
constexpr std::uint64_t least_arguments = 128 * 1024; // bytes that are always allowed
constexpr thread::Priority standard_priority = 128;   // as a new thread has them
constexpr thread::Time standard_slice = 4'000'000;    // ns

class InodeSource final : public ElfSource {
public:
    explicit InodeSource(file::Inode& inode) : inode_(inode) {}
    Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> to) override {
        return file::read_kernel(inode_, offset, to);
    }

private:
    file::Inode& inode_;
};

/// "#! interpreter argument": both cut out of the line; the argument is the rest of it, as Linux has it.
struct Script {
    std::string_view interpreter, argument;
};

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

/// `head` begins with "#!". Errors: not_executable (no interpreter, or its name is cut by the end of the head).
Result<Script> parse_script(std::string_view head) {
    const std::size_t end = head.find('\n');
    const bool complete = end != std::string_view::npos || head.size() < script_line;
    const std::string_view line = trim(head.substr(2, end == std::string_view::npos ? end : end - 2));
    const std::size_t blank = line.find_first_of(" \t");
    if (line.empty() || (!complete && blank == std::string_view::npos))
        return fail(Error::not_executable);
    if (blank == std::string_view::npos)
        return Script{line, {}};
    return Script{line.substr(0, blank), trim(line.substr(blank))};
}

/// The interpreter, its argument and the script take the place of argv[0].
Result<> insert_interpreter(ArgumentBlock& arguments, const Script& script, std::string_view path) {
    ArgumentBlock longer;
    TRY(longer.append(script.interpreter));
    if (!script.argument.empty())
        TRY(longer.append(script.argument));
    TRY(longer.append(path));
    arguments.drop_first();
    TRY(longer.append_all(arguments));
    arguments.swap(longer);
    return {};
}

/// Follows "#!" lines until a file that is no script.
Result<> resolve_scripts(ExecRequest& request, std::string_view path) {
    std::array<char, script_line> head;
    std::array<char, script_line> name;
    for (unsigned depth = 0;; ++depth) {
        const auto bytes = std::as_writable_bytes(std::span(head));
        const std::size_t got = TRY(file::read_kernel(request.executable.inode(), 0, bytes));
        const std::string_view text(head.data(), got);
        if (!text.starts_with("#!"))
            return {};
        if (depth == max_scripts)
            return fail(Error::too_many_links);
        const Script script = TRY(parse_script(text));
        TRY(insert_interpreter(request.arguments, script, path));
        std::memcpy(name.data(), script.interpreter.data(), script.interpreter.size());
        path = {name.data(), script.interpreter.size()};
        request.executable = TRY(find_executable(path));
    }
}

/// Pointers and strings of both blocks together.
Result<> check_argument_size(const ExecRequest& request) {
    const std::uint64_t strings = request.arguments.bytes() + request.environment.bytes();
    const std::uint64_t pointers = (request.arguments.count() + request.environment.count()) * sizeof(std::uint64_t);
    const std::uint64_t quarter = request.stack_limit / 4;
    if (strings + pointers > (quarter > least_arguments ? quarter : least_arguments))
        return fail(Error::too_big);
    return {};
}

/// Set-id bits of the program, unless its mount or the process says that they do not count.
void choose_credentials(ExecRequest& request) {
    Credentials& who = request.credentials;
    const file::Attributes attributes = request.executable.inode().attributes();
    const bool honoured = !who.no_new_privileges && !(request.executable.mount->flags.load() & file::mount_no_set_id);
    if (honoured && (attributes.mode & file::mode_set_user_id))
        who.effective_user = attributes.user;
    if (honoured && (attributes.mode & file::mode_set_group_id) && (attributes.mode & 010))
        who.effective_group = attributes.group;
    who.saved_user = who.file_user = who.effective_user;
    who.saved_group = who.file_group = who.effective_group;
    who.permitted = who.user == 0 || who.effective_user == 0 ? Credentials::all_capabilities : 0;
    who.effective = who.effective_user == 0 ? who.permitted : 0;
    request.secure = who.user != who.effective_user || who.group != who.effective_group;
}

const abi::Personality* recognise(const ElfImage& image) {
    const abi::Personality* best = nullptr;
    unsigned best_certainty = 0;
    for (const abi::Personality* personality : abi::personalities()) {
        const unsigned certainty = personality->recognise(image);
        if (certainty > best_certainty) {
            best = personality;
            best_certainty = certainty;
        }
    }
    return best;
}

Result<> choose_personality(ExecRequest& request) {
    TRY(read_image(request.executable.inode(), request.image));
    if (!request.personality)
        request.personality = recognise(request.image);
    return request.personality ? Result<>() : fail(Error::not_executable);
}

std::string_view last_component(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

} // namespace

ExecRequest::~ExecRequest() {
    if (holds_execution)
        executable.inode().end_execution();
}

Result<file::Path> find_executable(std::string_view path) {
    const Ref<file::WorkingDirectory> place = current().directory;
    const file::CurrentIdentity who;
    return file::look_up_executable({.place = *place, .who = who}, path);
}

Result<> read_image(file::Inode& inode, ElfImage& image) {
    InodeSource source(inode);
    TRY(ElfImage::parse(source, ElfImage::native_machine(), image));
    // A file that was cut off would start and die of its missing pages: it is better refused with a reason.
    const std::uint64_t size = inode.attributes().size;
    for (const ElfSegment& segment : image.segments())
        if (segment.kind == ElfSegment::Kind::load && segment.file_bytes != 0
            && (segment.offset > size || segment.file_bytes > size - segment.offset))
            return fail(Error::bad_executable);
    return {};
}

Result<> prepare(ExecRequest& request, file::Path executable, std::string_view path) {
    Process& process = current();
    const std::size_t length = path.size() < sizeof(request.path) - 1 ? path.size() : sizeof(request.path) - 1;
    std::memcpy(request.path, path.data(), length);
    request.executable = std::move(executable);
    request.credentials = process.credentials_of();
    request.stack_limit = process.limit(Resource::stack).soft;
    if (request.arguments.count() == 0)
        TRY(request.arguments.append(std::string_view()));
    TRY(resolve_scripts(request, path));
    TRY(check_argument_size(request));
    const Result<> undisturbed = request.executable.inode().begin_execution();
    request.holds_execution = undisturbed.has_value();
    const Result<> chosen = choose_personality(request);
    if (!undisturbed && !(chosen && request.personality->copies_program))
        return undisturbed;
    TRY(chosen);
    choose_credentials(request);
    request.isolate = request.isolate || process.isolate;
    request.entry_mode = request.isolate ? memory::EntryMode::trampoline : request.personality->default_entry;
    return request.personality->load(request);
}

namespace {

/// What must not fail any more once the old program is gone, made beforehand.
struct Replacement {
    Ref<file::FileTable> files;
    Ref<SignalActions> actions;
};

Result<Replacement> make_private(Process& process) {
    Replacement fresh;
    if (process.files->reference_count() > 1)
        fresh.files = TRY(process.files->clone());
    if (process.actions->reference_count() > 1)
        fresh.actions = TRY(process.actions->copy());
    return fresh;
}

/// The process changes hands: everything of it but its thread.
void replace_program(Process& process, ExecRequest& request, Replacement& fresh, Ref<memory::AddressSpace>& old_space) {
    file::Path old_executable;
    {
        SpinlockGuard tree(tree_lock);
        SpinlockGuard guard(process.lock);
        old_space = std::exchange(process.address_space, request.address_space);
        if (fresh.files)
            std::swap(process.files, fresh.files);
        if (fresh.actions)
            std::swap(process.actions, fresh.actions);
        old_executable = std::exchange(process.executable, request.executable);
        request.holds_execution = false;
        if (process.credentials.effective_user != request.credentials.effective_user)
            process.parent_death_signal = Signal::none;
        process.credentials = request.credentials;
        process.arguments = request.argument_area;
        process.support_code = request.support_code;
        process.secure = request.secure;
        process.isolate = request.isolate;
        process.personality = request.personality;
        process.exit_signal = Signal::child;
        process.has_executed = true;
        finish_vfork(process);
    }
    process.posix_timers.clear();
    process.actions->reset_handlers();
    process.files->close_on_exec();
    if (old_executable)
        old_executable.inode().end_execution();
}

/// The thread leaves the old memory for the new.
Result<> change_address_space(thread::Thread& current, memory::AddressSpace& next) {
    if (current.address_space)
        current.address_space->detach_thread(current);
    {
        InterruptGuard no_interrupts;
        current.address_space = nullptr;
        memory::switch_address_space(nullptr);
    }
    TRY(next.attach_thread(current));
    InterruptGuard no_interrupts;
    current.address_space = &next;
    memory::switch_address_space(&next);
    return {};
}

/// The thread starts anew: registers, FPU, signal stack, personality.
Result<> reset_thread(thread::Thread& current, ExecRequest& request) {
    const bool traced = abi::is_traced(current);
    if (current.personality) {
        if (current.personality != request.personality) { // another kernel's priorities mean something else
            thread::set_priority(current, standard_priority);
            current.slice_length = standard_slice;
        }
        current.personality->thread_ended(current);
        current.personality->thread_freed(current);
        current.personality = nullptr;
    }
    TRY(change_address_space(current, *request.address_space));
    TRY(request.personality->thread_created(current, nullptr));
    current.personality = request.personality;
    const abi::Personality& personality = *request.personality;
    current.syscall = traced && personality.traced_syscall ? personality.traced_syscall : personality.syscall;
    thread::discard_fpu(current);
    arch::UserFrame& frame = *current.frame;
    arch::initialise_user_frame(frame, request.frame.program_counter, request.frame.stack_pointer);
    frame.general = request.frame.general;
    frame.stack_pointer = request.frame.stack_pointer; // one of the general registers on some ISAs
    current.registers = {};
    {
        InterruptGuard no_switch;
        arch::load_thread_registers(current.registers);
    }
    current.member->alternate_stack = {};
    thread::set_name(current, last_component(request.path));
    current.personality->entered(current);
    return {};
}

} // namespace

Result<> commit(thread::Thread& current, ExecRequest& request) {
    Process& process = *current.process;
    Replacement fresh = TRY(make_private(process));
    TRY(become_only_thread(current));
    // From here on there is no way back to the old program.
    Ref<memory::AddressSpace> old_space = process.address_space; // kept while the thread still stands in it
    if (auto done = reset_thread(current, request); !done) {
        klog::warning(
            "process {}: exec of {} failed behind the point of no return: {}", process.id,
            std::string_view(request.path), done.error());
        request_exit(process, {ChildEvent::killed, static_cast<std::uint8_t>(Signal::kill)});
        SpinlockGuard guard(process.lock);
        process.address_space = request.address_space; // the thread may stand in it already
        return {};
    }
    replace_program(process, request, fresh, old_space);
    return {};
}

void become_program() {
    arch::disable_interrupts();
    thread::Thread& self = thread::current();
    trap::leave(self);
    arch::restore_user_context(*self.frame);
}

} // namespace process

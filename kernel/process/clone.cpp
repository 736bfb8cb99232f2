// New processes and threads.

#include "abi/personality.hpp"
#include "abi/trace.hpp"
#include "process/lifecycle.hpp"
#include "process/notify.hpp"
#include "process/table.hpp"
#include "process/tree.hpp"
#include "thread/scheduler.hpp"

#include <arch/context.hpp>
#include <new>

namespace process {

namespace {

constexpr unsigned max_threads = 4096; // in the whole system: each owns a kernel stack

Result<> check_limits(Process& maker) {
    const Counts now = counts();
    const std::uint64_t limit = maker.limit(Resource::processes).soft;
    if (now.threads >= max_threads || (now.threads >= limit && !maker.credentials_of().is_root()))
        return fail(Error::try_again);
    return {};
}

/// Memory, files and actions of the child: the maker's own or copies.
Result<> inherit_shared(Process& child, Process& maker, const CloneRequest& request) {
    child.address_space = request.share_memory ? maker.address_space : TRY(maker.address_space->fork());
    child.files = request.share_files ? maker.files : TRY(maker.files->clone());
    child.directory = request.share_directory ? maker.directory : TRY(maker.directory->clone());
    child.actions = request.share_actions ? maker.actions : TRY(maker.actions->copy());
    if (request.clear_handlers)
        child.actions->reset_handlers();
    return {};
}

/// What is copied as it is.
void inherit_attributes(Process& child, Process& maker) {
    SpinlockGuard guard(maker.lock);
    SpinlockGuard child_guard(child.lock);
    child.executable = maker.executable;
    if (child.executable)
        static_cast<void>(child.executable.inode().begin_execution()); // cannot fail: the maker holds one
    child.credentials = maker.credentials;
    child.limits = maker.limits;
    child.nice = maker.nice;
    child.dumpable = maker.dumpable;
    child.arguments = maker.arguments;
    child.support_code = maker.support_code;
    child.isolate = maker.isolate;
    child.start_time = thread::now();
}

/// The child goes on where its maker is.
Result<> copy_registers(thread::Thread& child, thread::Thread& parent, const CloneRequest& request) {
    arch::UserFrame& frame = *child.frame;
    arch::initialise_user_frame(frame, parent.frame->program_counter, parent.frame->stack_pointer);
    frame.general = parent.frame->general;
    frame.status = arch::sanitise_status(parent.frame->status, frame.status);
    frame.stack_pointer = request.stack_pointer != 0 ? request.stack_pointer : parent.frame->stack_pointer;
    {
        InterruptGuard no_switch;
        arch::save_thread_registers(parent.registers);
        child.registers = parent.registers;
    }
    if (request.set_thread_pointer)
        arch::set_thread_pointer(frame, child.registers, request.thread_pointer, false);
    return thread::copy_fpu(child, parent);
}

/// A thread like its maker, in no process yet.
Result<Ref<thread::Thread>>
copy_thread(thread::Thread& parent, memory::AddressSpace& space, const CloneRequest& request) {
    Ref<thread::Thread> child = TRY(thread::create_user_thread(space));
    auto done = copy_registers(*child, parent, request);
    if (done) {
        child->syscall = abi::dispatcher_for_child(parent);
        child->priority = parent.priority;
        child->affinity = parent.affinity;
        child->slice_length = parent.slice_length;
        thread::set_name(*child, parent.name);
        done = parent.personality->thread_created(*child, &parent);
    }
    if (!done) {
        space.detach_thread(*child);
        return fail(done.error());
    }
    child->personality = parent.personality;
    return child;
}

Member* create_member(thread::Thread& child, const thread::Thread& parent, const CloneRequest& request) {
    auto* member = new (std::nothrow) Member(child);
    if (!member)
        return nullptr;
    member->mask = parent.member->mask;
    // A new stack in the same memory: the maker's alternate stack is in use by the maker.
    if (!request.share_memory || request.suspend_caller)
        member->alternate_stack = parent.member->alternate_stack;
    return member;
}

Result<> enter_tree(Process& child, Member& member, Process& maker, const CloneRequest& request) {
    GroupChange change;
    SpinlockGuard guard(tree_lock);
    if (maker.ending.load(std::memory_order_relaxed))
        return fail(Error::restart);
    child.id = allocate_id();
    if (child.id == 0)
        return fail(Error::try_again);
    child.exit_signal = request.exit_signal;
    child.vfork_running = request.suspend_caller;
    child.personality = maker.personality;
    insert(child);
    insert(member, child, child.id);
    set_parent(child, request.same_parent && maker.parent ? maker.parent : &maker);
    join_group(child, *maker.group, change);
    return {};
}

Result<> enter_process(Process& process, Member& member) {
    SpinlockGuard guard(tree_lock);
    if (process.ending.load(std::memory_order_relaxed) || process.exec_thread)
        return fail(Error::restart);
    const Id id = allocate_id();
    if (id == 0)
        return fail(Error::try_again);
    insert(member, process, id);
    if (process.stop_signal != Signal::none)
        member.thread.work.fetch_or(thread::work_stop);
    return {};
}

Result<Ref<thread::Thread>> clone_thread(thread::Thread& parent, const CloneRequest& request) {
    if (!request.share_memory || !request.share_actions || !request.share_files || !request.share_directory)
        return fail(Error::invalid_argument); // threads of one process share all of them here
    Process& process = *parent.process;
    Ref<thread::Thread> child = TRY(copy_thread(parent, *process.address_space, request));
    Member* member = create_member(*child, parent, request);
    const auto done = member ? enter_process(process, *member) : fail(Error::no_memory);
    if (done)
        return child;
    delete member;
    process.address_space->detach_thread(*child);
    return fail(done.error());
}

} // namespace

Result<Ref<thread::Thread>> clone(thread::Thread& parent, const CloneRequest& request) {
    Process& maker = *parent.process;
    TRY(check_limits(maker));
    if (request.same_process)
        return clone_thread(parent, request);
    auto process = Ref<Process>::adopt(new (std::nothrow) Process);
    if (!process)
        return fail(Error::no_memory);
    TRY(inherit_shared(*process, maker, request));
    inherit_attributes(*process, maker);
    Ref<thread::Thread> child = TRY(copy_thread(parent, *process->address_space, request));
    Member* member = create_member(*child, parent, request);
    const Result<> done = member ? enter_tree(*process, *member, maker, request) : Result<>(fail(Error::no_memory));
    if (done)
        return child;
    delete member;
    process->address_space->detach_thread(*child);
    return fail(done.error());
}

Id launch(thread::Thread& child, const CloneRequest& request) {
    // Number and process are read before the start: afterwards the child may have changed both.
    const Id id = static_cast<Id>(child.id);
    const Ref<Process> process = request.suspend_caller ? Ref<Process>::share(child.process) : Ref<Process>();
    thread::start(child);
    if (process) {
        SpinlockGuard guard(tree_lock);
        while (process->vfork_running)
            process->thread_event.wait_uninterruptible(tree_lock);
    }
    return id;
}

void abandon(thread::Thread& child) {
    Process& process = *child.process;
    Member* member = child.member;
    GroupChange change;
    Ref<Process> removed;
    Ref<memory::AddressSpace> space = process.address_space;
    {
        SpinlockGuard guard(tree_lock);
        remove(*member, process);
        --process.staying_threads;
        if (process.thread_count == 0) {
            leave_group(process, change);
            removed = remove(process);
        } else {
            process.thread_event.wake_all();
        }
        child.process = nullptr;
    }
    delete member;
    if (child.address_space)
        space->detach_thread(child);
}

namespace {

/// What a process has that nobody made by clone.
Result<> give_standard(Process& process) {
    process.files = TRY(file::FileTable::create());
    process.directory = TRY(file::WorkingDirectory::create(file::tree_root(), file::tree_root(), 022));
    process.actions = TRY(SignalActions::create());
    process.start_time = thread::now();
    SpinlockGuard guard(process.lock);
    process.limits = Limits::standard();
    return {};
}

} // namespace

Result<Ref<Process>> spawn(Process* parent, const char* name, void (*entry)(void*), void* argument) {
    auto process = Ref<Process>::adopt(new (std::nothrow) Process);
    if (!process)
        return fail(Error::no_memory);
    TRY(give_standard(*process));
    Ref<thread::Thread> thread = TRY(thread::create_kernel_thread(name, entry, argument));
    auto* member = new (std::nothrow) Member(*thread);
    if (!member)
        return fail(Error::no_memory);
    {
        SpinlockGuard guard(tree_lock);
        process->id = allocate_id();
        if (process->id == 0) {
            delete member;
            return fail(Error::try_again);
        }
        insert(*process);
        insert(*member, *process, process->id);
        set_parent(*process, parent);
    }
    if (auto done = start_session(*process); !done) {
        abandon(*thread);
        return fail(done.error());
    }
    thread::start(*thread);
    return process;
}

} // namespace process

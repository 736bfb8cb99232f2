#include "abi/rtthread/new_program.hpp"

#include "abi/rtthread/thread_state.hpp"
#include "process/lifecycle.hpp"

namespace abi::rtthread {

Result<process::Id> start_program(thread::Thread& thread, NewProgram& program) {
    const process::CloneRequest request{.share_memory = true, .suspend_caller = true};
    const Ref<thread::Thread> child = TRY(process::clone(thread, request));
    state_of(*child).new_program = Ref<NewProgram>::share(&program);
    child->work.fetch_or(thread::work_restore_mask); // leads it to before_return
    const process::Id id = process::launch(*child, request);
    if (program.outcome)
        return id;
    // It ended before it was anything: nobody else is to hear of it.
    const process::WaitFor whom{.who = process::WaitFor::Who::process, .id = id};
    static_cast<void>(process::wait(*thread.process, whom));
    return fail(program.outcome.error());
}

void become_new_program(thread::Thread& thread) {
    thread.work.fetch_and(~std::uint32_t{thread::work_restore_mask});
    Ref<NewProgram> program = std::exchange(state_of(thread).new_program, {});
    auto done = process::prepare(program->request, std::move(program->executable), program->name);
    if (done)
        done = process::commit(thread, program->request);
    if (done)
        return;
    program->outcome = done;
    program.reset();
    process::exit_process({process::ChildEvent::exited, 127});
}

} // namespace abi::rtthread

#include "terminal/job_control.hpp"

#include "process/send.hpp"
#include "process/table.hpp"
#include "terminal/terminal.hpp"

namespace terminal {

using process::Signal;

namespace {

bool ignores(process::Process& process, Signal signal) {
    if (process.actions->get(signal).kind == process::SignalAction::Kind::ignore)
        return true;
    const process::Member* member = thread::current().member;
    return member && member->mask.contains(signal);
}

} // namespace

Result<> stop_background(Signal signal, bool is_read) {
    process::Process& self = process::current();
    if (ignores(self, signal))
        return is_read ? fail(Error::io) : Result<>{};
    process::Id group = self.group_id.load();
    if (process::is_orphaned_group(group))
        return fail(Error::io);
    process::send_to_group(group, signal);
    return fail(Error::restart);
}

bool Terminal::is_controlling_current() const {
    const process::Process* self = thread::current().process;
    SessionId session = session_.load(std::memory_order_relaxed);
    return self && session != 0 && self->session_id.load(std::memory_order_relaxed) == session;
}

Result<> Terminal::check_background_read() const {
    if (!is_controlling_current() || process::current().group_id.load() == foreground_group())
        return {};
    return stop_background(Signal::terminal_input, true);
}

Result<> Terminal::check_background_write(bool always) const {
    if (!is_controlling_current() || process::current().group_id.load() == foreground_group())
        return {};
    if (!always && !(settings().local & local_stop_background))
        return {};
    return stop_background(Signal::terminal_output, false);
}

Result<> Terminal::make_controlling() {
    process::Process& self = process::current();
    SessionId session = self.session_id.load();
    if (session_.load() == session)
        return {};
    SessionId nobody = 0;
    if (session != self.id || !session_.compare_exchange_strong(nobody, session))
        return fail(Error::not_permitted);
    if (auto made = process::set_controlling_terminal(self, Ref<process::ControllingTerminal>::share(this)); !made) {
        session_.store(0);
        return made;
    }
    foreground_.store(self.group_id.load());
    return {};
}

Result<> Terminal::set_foreground_group(GroupId group) {
    if (!is_controlling_current())
        return fail(Error::not_tty);
    TRY(check_background_write(true));
    if (group < 0)
        return fail(Error::invalid_argument);
    SessionId owner = process::session_of_group(group);
    if (owner == 0)
        return fail(Error::no_process);
    if (owner != session_.load())
        return fail(Error::not_permitted);
    foreground_.store(group);
    return {};
}

Result<> Terminal::give_up() {
    if (!is_controlling_current())
        return fail(Error::not_tty);
    // Only the leader's word frees the terminal; another process would have to leave the session.
    process::Process& self = process::current();
    SessionId session = session_.load();
    if (self.id != session)
        return {};
    GroupId group = foreground_.exchange(0);
    session_.store(0);
    process::drop_controlling_terminal(session);
    if (group != 0) {
        process::send_to_group(group, Signal::hangup);
        process::send_to_group(group, Signal::resume);
    }
    return {};
}

void Terminal::session_ended(std::int32_t session) {
    if (session_.compare_exchange_strong(session, 0))
        foreground_.store(0);
}

} // namespace terminal

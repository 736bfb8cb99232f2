// Processes without programs: groups, sessions, signals on their way to a thread, waiting for children.

#include "process/tree.hpp"

#include "fake/machine.hpp"
#include "process/lifecycle.hpp"
#include "process/notify.hpp"
#include "process/send.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <vector>

namespace process {
namespace {

/// A tree of processes that has no part in scheduling. The first one made leads the session of all.
class TreeTest : public testing::Test {
protected:
    /// One process with one thread.
    struct Entry {
        Ref<Process> process;
        std::unique_ptr<thread::Thread> thread;
        std::unique_ptr<Member> member;
    };

    Entry& make(Process* parent) {
        Entry& entry = *entries_.emplace_back(std::make_unique<Entry>());
        entry.process = Ref<Process>::adopt(new Process);
        entry.process->actions = SignalActions::create().value();
        entry.thread = std::make_unique<thread::Thread>();
        entry.member = std::make_unique<Member>(*entry.thread);
        GroupChange change;
        SpinlockGuard guard(tree_lock);
        entry.process->id = parent ? allocate_id() : first_process_id;
        insert(*entry.process);
        insert(*entry.member, *entry.process, entry.process->id);
        set_parent(*entry.process, parent);
        if (parent)
            join_group(*entry.process, *parent->group, change);
        return entry;
    }
    void SetUp() override {
        // Number 1 is special: it gets no signals and adopts.
        init = make(nullptr).process.get();
        ASSERT_TRUE(start_session(*init));
        shell = make(init).process.get();
        ASSERT_TRUE(start_session(*shell));
    }
    void TearDown() override {
        for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry)
            remove_entry(**entry);
    }
    void remove_entry(Entry& entry) {
        GroupChange change;
        Ref<Process> table_reference;
        SpinlockGuard guard(tree_lock);
        if (entry.thread->member)
            remove(*entry.member, *entry.process);
        if (find_process_locked(entry.process->id) != entry.process.get())
            return; // was waited for
        leave_group(*entry.process, change);
        table_reference = remove(*entry.process);
    }
    /// The process is a zombie now.
    void end(Process& process, ExitStatus status) {
        SpinlockGuard guard(tree_lock);
        for (auto& entry : entries_)
            if (entry->process.get() == &process)
                remove(*entry->member, process);
        process.exit_status = status;
        process.state = State::zombie;
        tell_parent(process, status.event, status.value);
    }
    static SignalSet pending(Process& process) {
        SpinlockGuard guard(process.lock);
        return process.pending.set();
    }
    static bool has_work(Process& process, std::uint32_t work) {
        SpinlockGuard guard(tree_lock);
        return (process.threads.front().work.load() & work) != 0;
    }

    fake::Machine machine;
    Process* init = nullptr;
    Process* shell = nullptr;

private:
    std::vector<std::unique_ptr<Entry>> entries_;
};

TEST_F(TreeTest, NumbersLeadToProcesses) {
    Process& child = *make(shell).process;
    EXPECT_EQ(find_process(child.id).get(), &child);
    EXPECT_EQ(find_thread(child.id)->process, &child);
    EXPECT_FALSE(find_process(child.id + 1));
    EXPECT_EQ(child.parent_id.load(), shell->id);
    EXPECT_EQ(next_process(shell->id + 1).get(), &child);
    EXPECT_EQ(counts().processes, 3u);
}

TEST_F(TreeTest, AGroupNeedsAMemberOfTheSession) {
    Process& child = *make(shell).process;
    Process& other = *make(shell).process;
    EXPECT_EQ(child.group_id.load(), shell->id);
    EXPECT_TRUE(set_group(*shell, child.id, 0));
    EXPECT_EQ(child.group_id.load(), child.id);
    EXPECT_TRUE(set_group(*shell, other.id, child.id));
    EXPECT_EQ(session_of_group(child.id), shell->id);
    // No such group; not a child; a leader of a session; a group of another session.
    EXPECT_EQ(set_group(*shell, other.id, 9999).error(), Error::not_permitted);
    EXPECT_EQ(set_group(child, other.id, 0).error(), Error::no_process);
    EXPECT_EQ(set_group(*shell, 0, 0).error(), Error::not_permitted);
    EXPECT_EQ(set_group(*shell, other.id, init->id).error(), Error::not_permitted);
    EXPECT_EQ(set_group(*shell, 9999, 0).error(), Error::no_process);
}

TEST_F(TreeTest, AGroupLeavesWithItsLastMember) {
    Process& child = *make(shell).process;
    ASSERT_TRUE(set_group(*shell, child.id, 0));
    ASSERT_TRUE(set_group(*shell, child.id, shell->id));
    EXPECT_EQ(session_of_group(child.id), 0);
    ASSERT_TRUE(start_session(child));
    EXPECT_EQ(child.session_id.load(), child.id);
    EXPECT_EQ(start_session(child).error(), Error::not_permitted);
}

TEST_F(TreeTest, AChildThatHasExecutedKeepsItsGroup) {
    Process& child = *make(shell).process;
    {
        SpinlockGuard guard(tree_lock);
        child.has_executed = true;
    }
    EXPECT_EQ(set_group(*shell, child.id, 0).error(), Error::access_denied);
    EXPECT_TRUE(set_group(child, 0, 0));
}

TEST_F(TreeTest, OrphanedGroupsHaveNoParentInTheirSession) {
    Process& job = *make(shell).process;
    ASSERT_TRUE(set_group(*shell, job.id, 0));
    EXPECT_TRUE(is_orphaned_group(shell->id)); // its parent is in another session
    EXPECT_FALSE(is_orphaned_group(job.id));   // the shell watches over it
    SpinlockGuard guard(tree_lock);
    EXPECT_TRUE(is_orphaned_locked(*job.group, &job));
}

TEST_F(TreeTest, ASignalChoosesAThreadThatDoesNotBlockIt) {
    Process& child = *make(shell).process;
    thread::Thread second_thread;
    Member second(second_thread);
    {
        SpinlockGuard guard(tree_lock);
        insert(second, child, allocate_id());
        child.threads.front().member->mask = SignalSet::of(Signal::user1);
    }
    send(child, Signal::user1);
    EXPECT_TRUE(pending(child).contains(Signal::user1));
    EXPECT_FALSE(has_work(child, thread::work_signal));
    EXPECT_TRUE(second_thread.work.load() & thread::work_signal);
    SpinlockGuard guard(tree_lock);
    remove(second, child);
}

TEST_F(TreeTest, IgnoredSignalsAreDroppedUnlessBlocked) {
    Process& child = *make(shell).process;
    send(child, Signal::child);
    EXPECT_TRUE(pending(child).empty());
    {
        SpinlockGuard guard(tree_lock);
        child.threads.front().member->mask = SignalSet::of(Signal::child);
    }
    send(child, Signal::child);
    EXPECT_TRUE(pending(child).contains(Signal::child));
    set_action(child, Signal::child, {.kind = SignalAction::Kind::ignore});
    EXPECT_TRUE(pending(child).empty());
}

TEST_F(TreeTest, StopAndContinueForgetEachOther) {
    Process& child = *make(shell).process;
    child.actions->set(Signal::terminal_stop, {.kind = SignalAction::Kind::handler});
    child.actions->set(Signal::resume, {.kind = SignalAction::Kind::handler});
    send(child, Signal::terminal_stop);
    send(child, Signal::resume);
    EXPECT_EQ(pending(child), SignalSet::of(Signal::resume));
    send(child, Signal::terminal_stop);
    EXPECT_EQ(pending(child), SignalSet::of(Signal::terminal_stop));
}

TEST_F(TreeTest, KillEndsAllThreadsAtOnce) {
    Process& child = *make(shell).process;
    send(child, Signal::kill);
    EXPECT_TRUE(child.ending.load());
    EXPECT_TRUE(has_work(child, thread::work_exit));
    send(*init, Signal::kill);
    EXPECT_FALSE(init->ending.load());
}

TEST_F(TreeTest, KillCallReachesWhomItMeans) {
    Process& one = *make(shell).process;
    Process& two = *make(shell).process;
    ASSERT_TRUE(set_group(*shell, one.id, 0));
    const SignalInfo info{.signal = Signal::user1, .source = SignalSource::user};
    EXPECT_TRUE(kill(*shell, -one.id, info));
    EXPECT_TRUE(pending(one).contains(Signal::user1));
    EXPECT_TRUE(pending(two).empty());
    EXPECT_TRUE(kill(*shell, -1, info));
    EXPECT_TRUE(pending(two).contains(Signal::user1));
    EXPECT_TRUE(pending(*shell).empty());
    EXPECT_EQ(kill(*shell, 9999, info).error(), Error::no_process);
    EXPECT_EQ(kill(*shell, std::numeric_limits<Id>::min(), info).error(), Error::no_process);
}

TEST_F(TreeTest, OnlyRootAndTheSameUserMaySignal) {
    Process& child = *make(shell).process;
    {
        SpinlockGuard guard(child.lock);
        child.credentials.user = child.credentials.effective_user = child.credentials.saved_user = 1000;
    }
    EXPECT_TRUE(may_signal(*shell, child, Signal::terminate));
    EXPECT_FALSE(may_signal(child, *shell, Signal::terminate));
    EXPECT_TRUE(may_signal(child, *shell, Signal::resume)); // the same session
    EXPECT_EQ(kill(child, shell->id, {.signal = Signal::terminate}).error(), Error::not_permitted);
}

TEST(WaitTest, MatchesByWhoAndKind) {
    using Who = WaitFor::Who;
    EXPECT_TRUE(matches({}, 5, 3, Signal::child));
    EXPECT_TRUE(matches({.who = Who::process, .id = 5}, 5, 3, Signal::child));
    EXPECT_FALSE(matches({.who = Who::process, .id = 3}, 5, 3, Signal::child));
    EXPECT_TRUE(matches({.who = Who::group, .id = 3}, 5, 3, Signal::child));
    EXPECT_FALSE(matches({.who = Who::group, .id = 5}, 5, 3, Signal::child));
    EXPECT_FALSE(matches({}, 5, 3, Signal::none));
    EXPECT_TRUE(matches({.clones = true}, 5, 3, Signal::none));
    EXPECT_FALSE(matches({.clones = true}, 5, 3, Signal::child));
    EXPECT_TRUE(matches({.all = true}, 5, 3, Signal::none));
}

TEST_F(TreeTest, WaitTakesAZombieOnce) {
    Process& child = *make(shell).process;
    EXPECT_EQ(wait(*shell, {.no_hang = true})->id, 0);
    end(child, {ChildEvent::exited, 7});
    const WaitResult kept = wait(*shell, {.no_hang = true, .keep = true}).value();
    EXPECT_EQ(kept.id, child.id);
    const WaitResult result = wait(*shell, {.no_hang = true}).value();
    EXPECT_EQ(result.id, child.id);
    EXPECT_EQ(result.value, 7);
    EXPECT_EQ(wait(*shell, {.no_hang = true}).error(), Error::no_child);
    EXPECT_FALSE(find_process(child.id));
}

TEST_F(TreeTest, WaitTellsOfStopsAndContinuationsOnce) {
    Process& child = *make(shell).process;
    const WaitFor whom{.stopped = true, .continued = true, .no_hang = true};
    {
        SpinlockGuard guard(tree_lock);
        stop_locked(child, Signal::terminal_stop);
        EXPECT_EQ(child.state, State::alive); // its thread has not noticed yet
        child.state = State::stopped;         // as stop_current() does
    }
    EXPECT_EQ(wait(*shell, {.no_hang = true})->id, 0);
    const WaitResult stopped = wait(*shell, whom).value();
    EXPECT_EQ(stopped.event, ChildEvent::stopped);
    EXPECT_EQ(stopped.value, static_cast<std::uint8_t>(Signal::terminal_stop));
    EXPECT_EQ(wait(*shell, whom)->id, 0);
    send(child, Signal::resume);
    EXPECT_EQ(wait(*shell, whom)->event, ChildEvent::continued);
    EXPECT_EQ(wait(*shell, whom)->id, 0);
}

TEST_F(TreeTest, NumbersOfGroupsAreNotGivenOutAgain) {
    Process& leader = *make(shell).process;
    Process& member = *make(shell).process;
    ASSERT_TRUE(set_group(*shell, leader.id, 0));
    ASSERT_TRUE(set_group(*shell, member.id, leader.id));
    const Id number = leader.id;
    end(leader, {});
    ASSERT_TRUE(wait(*shell, {.who = WaitFor::Who::process, .id = number, .no_hang = true}));
    SpinlockGuard guard(tree_lock);
    for (Id i = 0; i < 2 * max_id; ++i)
        ASSERT_NE(allocate_id(), number);
}

} // namespace
} // namespace process

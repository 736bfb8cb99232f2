#include "process/signal.hpp"

#include "fake/machine.hpp"

#include <gtest/gtest.h>

namespace process {
namespace {

class PendingTest : public testing::Test {
protected:
    void add(Signal signal, std::uint64_t value = 0) {
        delete pending.add({.signal = signal, .source = SignalSource::queued, .value = value}, new QueuedSignal);
    }
    SignalInfo take(SignalSet wanted = SignalSet::all()) { return pending.take(wanted); }

    fake::Machine machine;
    PendingSignals pending;
};

constexpr auto queued(unsigned number) {
    return static_cast<Signal>(number);
}

TEST(SignalSetTest, HoldsSignals1To64) {
    SignalSet set = SignalSet::of(Signal::hangup, queued(64));
    EXPECT_EQ(set.bits, 0x8000'0000'0000'0001u);
    EXPECT_EQ(set.first(), Signal::hangup);
    set.remove(Signal::hangup);
    EXPECT_EQ(set.first(), queued(64));
    EXPECT_EQ(SignalSet().first(), Signal::none);
    EXPECT_EQ((SignalSet::all() - SignalSet::of(Signal::kill)).contains(Signal::kill), false);
}

TEST(SignalTest, DefaultActionsAreThoseOfSignal7) {
    EXPECT_EQ(default_action(Signal::terminate), DefaultAction::terminate);
    EXPECT_EQ(default_action(Signal::quit), DefaultAction::dump);
    EXPECT_EQ(default_action(Signal::child), DefaultAction::ignore);
    EXPECT_EQ(default_action(Signal::window), DefaultAction::ignore);
    EXPECT_EQ(default_action(Signal::terminal_input), DefaultAction::stop);
    EXPECT_EQ(default_action(Signal::resume), DefaultAction::resume);
    EXPECT_EQ(default_action(queued(40)), DefaultAction::terminate);
}

TEST_F(PendingTest, StandardSignalsArePendingOnce) {
    add(Signal::user1, 1);
    add(Signal::user1, 2);
    EXPECT_EQ(pending.queued(), 1u);
    EXPECT_EQ(take().value, 1u);
    EXPECT_TRUE(pending.set().empty());
    EXPECT_EQ(take().signal, Signal::none);
}

TEST_F(PendingTest, QueuedSignalsKeepTheirOrder) {
    for (std::uint64_t value = 1; value <= 3; ++value)
        add(queued(34), value);
    add(queued(33), 9);
    EXPECT_EQ(take().value, 9u); // the lower number first
    for (std::uint64_t value = 1; value <= 3; ++value) {
        EXPECT_TRUE(pending.set().contains(queued(34)));
        EXPECT_EQ(take().value, value);
    }
    EXPECT_TRUE(pending.set().empty());
}

TEST_F(PendingTest, FaultsGoBeforeLowerNumbers) {
    add(Signal::hangup);
    add(Signal::segmentation);
    EXPECT_EQ(take().signal, Signal::segmentation);
    EXPECT_EQ(take().signal, Signal::hangup);
}

TEST_F(PendingTest, BlockedSignalsStay) {
    add(Signal::hangup);
    add(Signal::user2);
    EXPECT_EQ(take(SignalSet::all() - SignalSet::of(Signal::hangup)).signal, Signal::user2);
    EXPECT_EQ(take(SignalSet::all() - SignalSet::of(Signal::hangup)).signal, Signal::none);
    EXPECT_TRUE(pending.set().contains(Signal::hangup));
}

TEST_F(PendingTest, SignalsArriveWithoutMemoryForTheirInformation) {
    EXPECT_EQ(pending.add({.signal = queued(50), .value = 7}, nullptr), nullptr);
    const SignalInfo info = take();
    EXPECT_EQ(info.signal, queued(50));
    EXPECT_EQ(info.value, 0u);
    EXPECT_TRUE(pending.set().empty());
}

TEST_F(PendingTest, DiscardForgetsOnlyTheSet) {
    add(queued(40), 1);
    add(queued(41), 2);
    add(queued(40), 3);
    pending.discard(SignalSet::of(queued(40)));
    EXPECT_EQ(pending.queued(), 1u);
    EXPECT_EQ(take().value, 2u);
    EXPECT_EQ(take().signal, Signal::none);
}

TEST(SignalActionsTest, ExecKeepsOnlyWhatIsIgnored) {
    fake::Machine machine;
    Ref<SignalActions> actions = SignalActions::create().value();
    actions->set(Signal::interrupt, {.kind = SignalAction::Kind::ignore, .flags = SignalAction::restart_calls});
    actions->set(Signal::user1, {.kind = SignalAction::Kind::handler, .handler = 0x1000});
    Ref<SignalActions> copy = actions->copy().value();
    actions->reset_handlers();
    EXPECT_EQ(actions->get(Signal::interrupt).kind, SignalAction::Kind::ignore);
    EXPECT_EQ(actions->get(Signal::interrupt).flags, 0);
    EXPECT_EQ(actions->get(Signal::user1).kind, SignalAction::Kind::standard);
    EXPECT_EQ(copy->get(Signal::user1).handler, 0x1000u);
    EXPECT_TRUE(actions->is_ignored(Signal::interrupt));
    EXPECT_TRUE(actions->is_ignored(Signal::child));
    EXPECT_FALSE(actions->is_ignored(Signal::user1));
}

TEST(AlternateStackTest, ContainsItsTopButNotItsBase) {
    const AlternateStack stack{.base = 0x1000, .bytes = 0x1000};
    EXPECT_FALSE(stack.contains(0x1000));
    EXPECT_TRUE(stack.contains(0x1001));
    EXPECT_TRUE(stack.contains(0x2000));
    EXPECT_FALSE(stack.contains(0x2001));
    EXPECT_FALSE(AlternateStack().contains(0));
}

} // namespace
} // namespace process

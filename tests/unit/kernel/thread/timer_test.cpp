#include "thread/timer.hpp"

#include "fake/machine.hpp"
#include "thread/cpu.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace {

std::vector<int> fired;

struct NumberedTimer {
    explicit NumberedTimer(int wanted) : timer(fire), number(wanted) {}
    static void fire(thread::Timer& timer) { fired.push_back(reinterpret_cast<NumberedTimer&>(timer).number); }
    thread::Timer timer;
    int number;
};

class TimerTest : public testing::Test {
protected:
    fake::Machine machine;
    NumberedTimer one{1}, two{2}, three{3};

    void SetUp() override {
        fired.clear();
        thread::start_clock();
    }
    thread::Time run() {
        InterruptGuard no_interrupts;
        return arch::current_cpu().timers.run();
    }
};

TEST_F(TimerTest, FiresInTheOrderOfDeadlinesAndOnlyWhatIsDue) {
    two.timer.arm(200);
    one.timer.arm(100);
    three.timer.arm(300);
    machine.advance(250);
    EXPECT_EQ(run(), 300u);
    EXPECT_EQ(fired, (std::vector{1, 2}));
    EXPECT_FALSE(one.timer.armed());
    EXPECT_TRUE(three.timer.armed());
}

TEST_F(TimerTest, CancelledDoesNotFire) {
    one.timer.arm(100);
    EXPECT_TRUE(one.timer.cancel());
    EXPECT_FALSE(one.timer.cancel());
    machine.advance(1000);
    EXPECT_EQ(run(), thread::never);
    EXPECT_TRUE(fired.empty());
}

TEST_F(TimerTest, RearmingMovesTheDeadline) {
    one.timer.arm(100);
    one.timer.arm(500);
    machine.advance(200);
    EXPECT_EQ(run(), 500u);
    EXPECT_TRUE(fired.empty());
}

TEST_F(TimerTest, TheAlarmStandsAtTheFirstDeadline) {
    three.timer.arm(300);
    const auto later = machine.alarm();
    one.timer.arm(100);
    EXPECT_LT(machine.alarm(), later);
}

TEST_F(TimerTest, ADestroyedTimerIsGone) {
    {
        NumberedTimer short_lived{9};
        short_lived.timer.arm(10);
    }
    machine.advance(100);
    EXPECT_EQ(run(), thread::never);
    EXPECT_TRUE(fired.empty());
}

} // namespace

#include "thread/timer.hpp"

#include "fake/machine.hpp"
#include "thread/cpu.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
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

/// Due again as soon as it has fired, as a program's timer with an interval of a nanosecond is.
struct HastyTimer {
    static void fire(thread::Timer& timer) {
        if (++fired < 1000)
            timer.arm(thread::now());
    }
    static inline int fired = 0;
    thread::Timer timer{fire};
};

TEST_F(TimerTest, ATimerThatIsAlwaysDueDoesNotHoldTheQueue) {
    HastyTimer hasty;
    hasty.timer.arm(100);
    machine.advance(200);
    EXPECT_LE(run(), thread::now());
    EXPECT_LE(HastyTimer::fired, 16);
    hasty.timer.cancel();
}

TEST_F(TimerTest, ManyDueTimersFireInSteps) {
    std::vector<std::unique_ptr<NumberedTimer>> many;
    for (int i = 0; i < 40; ++i) {
        many.push_back(std::make_unique<NumberedTimer>(i));
        many.back()->timer.arm(static_cast<thread::Time>(100 + i));
    }
    machine.advance(200);
    int runs = 0;
    for (thread::Time next = 0; next != thread::never && runs < 10; ++runs)
        next = run();
    EXPECT_EQ(fired.size(), 40u);
    EXPECT_EQ(runs, 3);
    EXPECT_TRUE(std::ranges::is_sorted(fired));
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

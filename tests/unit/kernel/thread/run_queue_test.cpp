#include "thread/run_queue.hpp"

#include "fake/machine.hpp"

#include <array>
#include <deque>
#include <gtest/gtest.h>
#include <map>
#include <random>

namespace {

using thread::RunQueue;
using thread::Thread;

class RunQueueTest : public testing::Test {
protected:
    fake::Machine machine;
    RunQueue queue;
    std::array<Thread, 8> threads;

    void push(unsigned index, thread::Priority priority) {
        threads[index].priority = priority;
        SpinlockGuard guard(queue.lock);
        queue.push_back(threads[index]);
    }
    Thread* pop() {
        SpinlockGuard guard(queue.lock);
        return queue.pop();
    }
};

TEST_F(RunQueueTest, EmptyGivesNobody) {
    EXPECT_EQ(pop(), nullptr);
    EXPECT_FALSE(queue.has_threads());
}

TEST_F(RunQueueTest, HighestPriorityFirstAndFirstInFirstOutAmongEquals) {
    push(0, 10);
    push(1, 255);
    push(2, 10);
    push(3, 0);
    EXPECT_EQ(pop(), &threads[1]);
    EXPECT_EQ(pop(), &threads[0]);
    EXPECT_EQ(pop(), &threads[2]);
    EXPECT_EQ(pop(), &threads[3]);
    EXPECT_EQ(pop(), nullptr);
}

TEST_F(RunQueueTest, OnlyStrictlyHigherPrioritiesAreBetter) {
    EXPECT_FALSE(queue.has_better_than(0));
    for (const unsigned level : {0u, 63u, 64u, 127u, 128u, 254u, 255u}) {
        const auto priority = static_cast<thread::Priority>(level);
        push(0, priority);
        for (unsigned than = 0; than < 256; ++than)
            EXPECT_EQ(queue.has_better_than(static_cast<thread::Priority>(than)), priority > than);
        pop();
    }
}

TEST_F(RunQueueTest, ExchangeWithFirstRotates) {
    threads[3].priority = 10;
    for (const unsigned equals : {1u, 2u, 3u}) {
        for (unsigned i = 0; i < equals; ++i)
            push(i, 10);
        {
            SpinlockGuard guard(queue.lock);
            EXPECT_EQ(queue.first_of(10), &threads[0]);
            EXPECT_EQ(&queue.exchange_with_first(threads[3]), &threads[0]);
        }
        EXPECT_FALSE(threads[0].on_run_queue);
        EXPECT_EQ(queue.size(), equals);
        for (unsigned i = 1; i < equals; ++i)
            EXPECT_EQ(pop(), &threads[i]);
        EXPECT_EQ(pop(), &threads[3]);
        EXPECT_EQ(pop(), nullptr);
        SpinlockGuard guard(queue.lock);
        EXPECT_EQ(queue.first_of(10), nullptr);
    }
}

TEST_F(RunQueueTest, PushFrontGoesBeforeItsEquals) {
    push(0, 64);
    threads[1].priority = 64;
    {
        SpinlockGuard guard(queue.lock);
        queue.push_front(threads[1]);
    }
    EXPECT_EQ(pop(), &threads[1]);
    EXPECT_EQ(pop(), &threads[0]);
}

TEST_F(RunQueueTest, TakesOnlyWhatMayRunElsewhere) {
    push(0, 200);
    push(1, 100);
    threads[0].affinity = 1u << 0;
    SpinlockGuard guard(queue.lock);
    EXPECT_EQ(queue.take_for(1u << 1), &threads[1]);
    EXPECT_EQ(queue.take_for(1u << 1), nullptr);
    EXPECT_EQ(queue.size(), 1u);
    queue.remove(threads[0]);
}

TEST_F(RunQueueTest, AgreesWithASimpleModel) {
    std::mt19937 random(1);
    std::map<int, std::deque<Thread*>, std::greater<>> model;
    for (int step = 0; step < 20000; ++step) {
        Thread& thread = threads[random() % threads.size()];
        SpinlockGuard guard(queue.lock);
        if (!thread.on_run_queue) {
            thread.priority = static_cast<thread::Priority>(random());
            queue.push_back(thread);
            model[thread.priority].push_back(&thread);
        } else if (random() % 2) {
            queue.remove(thread);
            std::erase(model[thread.priority], &thread);
        } else {
            std::erase_if(model, [](const auto& level) { return level.second.empty(); });
            Thread* expected = model.begin()->second.front();
            model.begin()->second.pop_front();
            ASSERT_EQ(queue.pop(), expected);
        }
    }
    SpinlockGuard guard(queue.lock);
    while (queue.pop()) {}
}

} // namespace

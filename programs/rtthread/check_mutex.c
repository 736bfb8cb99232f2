// Recursive mutexes and priority inheritance.
#include "rtt.h"

static handle mutex, second;
static volatile u32 high_waited, low_done, stage;
static volatile long result;

static void recursion(void) {
    EXPECT(rt(nr_mutex_take, mutex, 0), 0);
    EXPECT(rt(nr_mutex_take, mutex, 0), 0);
    EXPECT(rt(nr_mutex_release, mutex), 0);
    EXPECT(rt(nr_mutex_release, mutex), 0);
    EXPECT(rt(nr_mutex_release, mutex), -code.error);
    for (int i = 0; i < 255; i++)
        EXPECT(rt(nr_mutex_take, mutex, 0), 0);
    EXPECT(rt(nr_mutex_take, mutex, 0), -code.full);
    for (int i = 0; i < 255; i++)
        EXPECT(rt(nr_mutex_release, mutex), 0);
}

static void hold(void* milliseconds) {
    EXPECT(rt(nr_mutex_take, mutex, FOREVER), 0);
    stage = 1;
    delay((int)(long)milliseconds);
    EXPECT(rt(nr_mutex_release, mutex), 0);
    stage = 2;
}

static void time_outs(void) {
    CHECK(start_thread("holder", hold, (void*)60, 20));
    delay(5);
    EXPECT(stage, 1);
    EXPECT(rt(nr_mutex_take, mutex, 0), -code.timeout);
    EXPECT(rt(nr_mutex_release, mutex), -code.error);
    u32 before = tick_now();
    EXPECT(rt(nr_mutex_take, mutex, 20), -code.timeout);
    CHECK(tick_now() - before >= 20);
    EXPECT(rt(nr_mutex_take, mutex, FOREVER), 0);
    CHECK(stage >= 1);
    EXPECT(rt(nr_mutex_release, mutex), 0);
}

/// Busy, by the clock.
static void spin(u32 ticks) {
    u32 start = tick_now();
    while (tick_now() - start < ticks)
        ;
}

static void low(void* unused) {
    (void)unused;
    rt(nr_mutex_take, mutex, FOREVER);
    stage = 1;
    spin(16);
    rt(nr_mutex_release, mutex);
    low_done = 1;
}

static void middle(void* unused) {
    (void)unused;
    spin(40);
}

static void high(void* unused) {
    (void)unused;
    u32 before = tick_now();
    result = rt(nr_mutex_take, mutex, 1000);
    high_waited = tick_now() - before + 1;
    rt(nr_mutex_release, mutex);
}

/// Low has the mutex, high wants it, and the middle would keep low from ever giving it back.
static void inversion(void) {
    stage = high_waited = low_done = 0;
    EXPECT(rt(nr_setpriority, 0, 0xff, 5), 0);
    CHECK(start_thread("low", low, NULL, 30));
    delay(5);
    EXPECT(stage, 1);
    CHECK(start_thread("high", high, NULL, 10));
    CHECK(start_thread("middle", middle, NULL, 20));
    delay(25);
    EXPECT(result, 0);
    CHECK(high_waited > 0 && high_waited < 25);
    EXPECT(low_done, 0); // its own priority again, so the middle runs
    delay(60);
    EXPECT(low_done, 1);
}

static void chain_low(void* unused) {
    (void)unused;
    rt(nr_mutex_take, mutex, FOREVER);
    stage = 1;
    spin(16);
    rt(nr_mutex_release, mutex);
}

static void chain_middle(void* unused) {
    (void)unused;
    rt(nr_mutex_take, second, FOREVER);
    rt(nr_mutex_take, mutex, FOREVER); // waits for low
    rt(nr_mutex_release, mutex);
    rt(nr_mutex_release, second);
}

static void chain_high(void* unused) {
    (void)unused;
    u32 before = tick_now();
    result = rt(nr_mutex_take, second, 1000);
    high_waited = tick_now() - before + 1;
    rt(nr_mutex_release, second);
}

/// The same through a chain of two mutexes.
static void chain(void) {
    stage = high_waited = 0, result = 1;
    second = (handle)rt(nr_mutex_create, "second", 1);
    CHECK(start_thread("low", chain_low, NULL, 40));
    delay(5);
    CHECK(start_thread("between", chain_middle, NULL, 35));
    delay(5);
    CHECK(start_thread("high", chain_high, NULL, 10));
    CHECK(start_thread("middle", middle, NULL, 20));
    delay(25);
    EXPECT(result, 0);
    CHECK(high_waited > 0 && high_waited < 25);
    delay(60);
}

static void end_with_it(void* unused) {
    (void)unused;
    rt(nr_mutex_take, mutex, FOREVER);
}

static void wait_for_it(void* unused) {
    (void)unused;
    result = rt(nr_mutex_take, mutex, FOREVER);
    stage = 3;
}

void rtt_main(void) {
    mutex = (handle)rt(nr_mutex_create, "m", 1);
    CHECK(mutex != 0);
    recursion();
    time_outs();
    inversion();
    chain();
    // A thread that ends passes its mutex on.
    CHECK(start_thread("ends", end_with_it, NULL, 10));
    delay(5);
    EXPECT(rt(nr_mutex_take, mutex, 100), 0);
    // Deletion ends waits.
    CHECK(start_thread("waits", wait_for_it, NULL, 10));
    delay(5);
    EXPECT(rt(nr_mutex_delete, mutex), 0);
    delay(5);
    EXPECT(stage, 3);
    EXPECT(result, -code.error);
    EXPECT(rt(nr_mutex_take, mutex, 0), -code.inval);
    EXPECT(rt(nr_mutex_release, mutex), -code.inval);
    EXPECT(rt(nr_mutex_delete, mutex), -code.inval);
    finish("mutex");
}

// Clocks, sleeping, interval timers.
#include "check.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <time.h>

static volatile sig_atomic_t alarms;

static void on_alarm(int signal) {
    (void)signal;
    alarms++;
}

static void catch_signal(int signal) {
    struct sigaction action = {.sa_flags = 0};
    action.sa_handler = on_alarm;
    CHECK_EQUAL(sigaction(signal, &action, NULL), 0);
}

static void monotonic(void) {
    struct timespec before, after;
    CHECK_EQUAL(clock_gettime(CLOCK_MONOTONIC, &before), 0);
    for (int i = 0; i < 10000; i++) {
        CHECK_EQUAL(clock_gettime(CLOCK_MONOTONIC, &after), 0);
        CHECK(after.tv_sec > before.tv_sec || (after.tv_sec == before.tv_sec && after.tv_nsec >= before.tv_nsec));
        CHECK(after.tv_nsec >= 0 && after.tv_nsec < 1000000000);
        before = after;
    }
}

static void clocks(void) {
    static const clockid_t ids[] = {CLOCK_REALTIME,          CLOCK_MONOTONIC,     CLOCK_PROCESS_CPUTIME_ID,
                                    CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE,
                                    CLOCK_MONOTONIC_COARSE,  CLOCK_BOOTTIME};
    struct timespec got;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        CHECK_EQUAL(syscall(SYS_clock_gettime, ids[i], &got), 0);
        CHECK_EQUAL(syscall(SYS_clock_getres, ids[i], &got), 0);
        CHECK(got.tv_sec == 0 && got.tv_nsec > 0);
    }
    CHECK_ERROR(syscall(SYS_clock_gettime, 99, &got), EINVAL);
    CHECK_ERROR(syscall(SYS_clock_getres, 99, &got), EINVAL);
    CHECK_EQUAL(syscall(SYS_clock_getres, CLOCK_MONOTONIC, NULL), 0);
    struct timeval now;
    CHECK_EQUAL(gettimeofday(&now, NULL), 0);
    CHECK(now.tv_sec > 1600000000);
    long difference = (long)(time(NULL) - now.tv_sec);
    CHECK(difference >= -1 && difference <= 1);
}

static void sleeping(void) {
    struct timespec time = {0, 50000000};
    long start = now_ms();
    CHECK_EQUAL(nanosleep(&time, NULL), 0);
    CHECK(now_ms() - start >= 49 && now_ms() - start < 1500);
    time.tv_nsec = 1000000000;
    CHECK_ERROR(nanosleep(&time, NULL), EINVAL);
    time.tv_nsec = -1;
    CHECK_ERROR(nanosleep(&time, NULL), EINVAL);
    time = (struct timespec){-1, 0};
    CHECK_ERROR(nanosleep(&time, NULL), EINVAL);
    time = (struct timespec){0, 0};
    CHECK_EQUAL(nanosleep(&time, NULL), 0);
}

static void absolute(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    long start = now_ms();
    time.tv_nsec += 60000000;
    if (time.tv_nsec >= 1000000000)
        time.tv_sec++, time.tv_nsec -= 1000000000;
    CHECK_EQUAL(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL), 0);
    CHECK(now_ms() - start >= 58);
    CHECK_EQUAL(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL), 0); // past: at once
    clock_gettime(CLOCK_REALTIME, &time);
    start = now_ms();
    time.tv_sec++;
    CHECK_EQUAL(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &time, NULL), 0);
    CHECK(now_ms() - start >= 990 && now_ms() - start < 3000);
    CHECK_EQUAL(clock_nanosleep(99, 0, &time, NULL), EINVAL);
    CHECK_EQUAL(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &time, NULL), EINVAL);
}

static void alarm_clock(void) {
    catch_signal(SIGALRM);
    CHECK_EQUAL(alarm(5), 0);
    CHECK(alarm(1) >= 4);
    long start = now_ms();
    CHECK_ERROR(pause(), EINTR);
    CHECK(now_ms() - start >= 950);
    CHECK_EQUAL(alarms, 1);
    CHECK_EQUAL(alarm(0), 0);
}

static void interval(void) {
    catch_signal(SIGALRM);
    struct itimerval timer = {{0, 20000}, {0, 20000}}, left;
    CHECK_EQUAL(setitimer(ITIMER_REAL, &timer, NULL), 0);
    CHECK_EQUAL(getitimer(ITIMER_REAL, &left), 0);
    CHECK(left.it_interval.tv_usec == 20000 && left.it_value.tv_usec > 0 && left.it_value.tv_usec <= 20001);
    long start = now_ms();
    while (alarms < 5)
        pause();
    CHECK(now_ms() - start >= 90);
    timer.it_value.tv_usec = 0;
    CHECK_EQUAL(setitimer(ITIMER_REAL, &timer, &left), 0);
    CHECK_EQUAL(left.it_interval.tv_usec, 20000);
    sig_atomic_t before = alarms;
    pause_ms(60);
    CHECK_EQUAL(alarms, before);
    timer.it_value.tv_usec = 1000000;
    CHECK_ERROR(setitimer(ITIMER_REAL, &timer, NULL), EINVAL);
    CHECK_ERROR(getitimer(9, &left), EINVAL);
}

static void burn(long ms) {
    volatile unsigned work = 0;
    for (long end = now_ms() + ms; now_ms() < end;)
        for (int i = 0; i < 1000; i++)
            work += (unsigned)i;
}

static void processor_timers(void) {
    catch_signal(SIGVTALRM);
    catch_signal(SIGPROF);
    struct itimerval timer = {{0, 0}, {0, 30000}};
    CHECK_EQUAL(setitimer(ITIMER_VIRTUAL, &timer, NULL), 0);
    CHECK_EQUAL(setitimer(ITIMER_PROF, &timer, NULL), 0);
    pause_ms(100);
    CHECK_EQUAL(alarms, 0); // sleeping costs nothing
    for (int i = 0; i < 100 && alarms < 2; i++)
        burn(50);
    CHECK_EQUAL(alarms, 2);
}

static void processor_time(void) {
    struct timespec before, after;
    struct tms spent;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    pause_ms(100);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    long sleeping_ns = (after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec;
    CHECK(sleeping_ns < 80000000);
    burn(200);
    struct timespec end;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    CHECK((end.tv_sec - after.tv_sec) * 1000000000 + end.tv_nsec - after.tv_nsec > 20000000);
    CHECK(times(&spent) != (clock_t)-1);
    CHECK(spent.tms_utime + spent.tms_stime > 0);
}

static void posix_timer(void) {
    catch_signal(SIGUSR1);
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    CHECK_EQUAL(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    struct itimerspec when = {{0, 0}, {0, 30000000}};
    CHECK_EQUAL(timer_settime(timer, 0, &when, NULL), 0);
    for (int i = 0; i < 50 && alarms == 0; i++)
        pause_ms(10);
    CHECK_EQUAL(alarms, 1);
    CHECK_EQUAL(timer_gettime(timer, &when), 0);
    CHECK_EQUAL(when.it_value.tv_nsec, 0);
    CHECK_EQUAL(timer_delete(timer), 0);
}

static void timer_descriptor(void) {
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    CHECK(fd >= 0);
    uint64_t ticks;
    CHECK_ERROR(read(fd, &ticks, sizeof ticks), EAGAIN);
    struct itimerspec when = {{0, 10000000}, {0, 10000000}};
    CHECK_EQUAL(timerfd_settime(fd, 0, &when, NULL), 0);
    struct pollfd one = {.fd = fd, .events = POLLIN};
    CHECK_EQUAL(poll(&one, 1, 2000), 1);
    pause_ms(35);
    CHECK_EQUAL(read(fd, &ticks, sizeof ticks), sizeof ticks);
    CHECK(ticks >= 3);
}

static int contended;
static atomic_bool enough;

static void* set_over_and_over(void* unused) {
    (void)unused;
    struct itimerspec when = {.it_value.tv_nsec = 1, .it_interval.tv_nsec = 10000};
    while (!enough) {
        when.it_value.tv_nsec = when.it_value.tv_nsec % 5000 + 100;
        CHECK_EQUAL(timerfd_settime(contended, 0, &when, NULL), 0);
    }
    return NULL;
}

// A timer that is set by several threads and closed while it ends all the time: nobody waits for ever, nothing is used
// after it has gone.
static void timers_under_contention(void) {
    enum { setters = 3 };
    pthread_t threads[setters];
    contended = timerfd_create(CLOCK_MONOTONIC, 0);
    for (int i = 0; i < setters; i++)
        CHECK_EQUAL(pthread_create(&threads[i], NULL, set_over_and_over, NULL), 0);
    struct itimerspec when = {.it_value.tv_nsec = 1000, .it_interval.tv_nsec = 2000};
    for (long end = now_ms() + 1000; now_ms() < end;) {
        int fd = timerfd_create(CLOCK_MONOTONIC, 0);
        CHECK_EQUAL(timerfd_settime(fd, 0, &when, NULL), 0);
        uint64_t ends;
        CHECK_EQUAL(read(fd, &ends, sizeof ends), sizeof ends);
        CHECK_EQUAL(close(fd), 0);
    }
    enough = true;
    for (int i = 0; i < setters; i++)
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
}

static const struct test tests[] = {
    TEST(monotonic),
    TEST(clocks),
    TEST(sleeping),
    TEST(absolute),
    TEST(alarm_clock),
    TEST(interval),
    TEST(processor_timers),
    TEST(processor_time),
    TEST(posix_timer),
    TEST(timer_descriptor),
    TEST(timers_under_contention),
};

int main(int argc, char** argv) {
    return RUN_TESTS(tests, argc, argv);
}

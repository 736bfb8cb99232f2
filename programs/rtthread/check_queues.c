// POSIX message queues (priorities, time-outs, notices, names) and signals as something to read.
#include "rtt.h"

enum {
    o_rdonly = 0,
    o_wronly = 1,
    o_rdwr = 2,
    o_creat = 0100,
    o_excl = 0200,
    o_nonblock = 04000,
    sigusr1 = 10,
    sigusr2 = 12,
    most = 32767 // priority
};
#define BIT(signal) (1ul << ((signal) - 1))

struct attributes {
    long flags, messages, bytes, count, unused[4];
};

static char text[64];

static long send(long queue, const char* message, u32 priority) {
    return rt(nr_posix_mq_timedsend, queue, message, length_of(message), priority, NULL);
}

/// The priority; `text` is the message.
static long receive(long queue) {
    u32 priority = 99;
    long bytes = rt(nr_posix_mq_timedreceive, queue, text, sizeof text, &priority, NULL);
    text[bytes > 0 ? bytes : 0] = 0;
    return bytes < 0 ? bytes : priority;
}

static struct timespec date_after(long milliseconds) {
    struct timespec at;
    rt(nr_clock_gettime, 0, &at);
    at.nanoseconds += milliseconds * 1000000;
    at.seconds += at.nanoseconds / 1000000000;
    at.nanoseconds %= 1000000000;
    return at;
}

static long make(const char* name, long messages, int flags) {
    struct attributes wanted = {.messages = messages, .bytes = 32};
    return rt(nr_posix_mq_open, name, o_creat | o_excl | o_rdwr | flags, 0600, &wanted);
}

static void order(void) {
    long queue = make("order", 8, 0);
    CHECK(queue >= 0);
    EXPECT(send(queue, "low", 1), 0);
    EXPECT(send(queue, "first", 5), 0);
    EXPECT(send(queue, "highest", most), 0);
    EXPECT(send(queue, "second", 5), 0);
    EXPECT(send(queue, "", 0), 0);
    struct attributes now;
    EXPECT(rt(nr_posix_mq_getsetattr, queue, NULL, &now), 0);
    CHECK(now.messages == 8 && now.bytes == 32 && now.count == 5 && now.flags == 0);
    EXPECT(rt(nr_posix_mq_timedreceive, queue, 8, sizeof text, NULL, NULL), -efault); // and it is still the first
    EXPECT(receive(queue), most);
    CHECK(same_text(text, "highest"));
    EXPECT(receive(queue), 5);
    CHECK(same_text(text, "first"));
    EXPECT(receive(queue), 5);
    CHECK(same_text(text, "second"));
    EXPECT(receive(queue), 1);
    EXPECT(receive(queue), 0);
    CHECK(same_text(text, ""));
    EXPECT(rt(nr_posix_mq_close, queue), 0);
    EXPECT(rt(nr_posix_mq_unlink, "order"), 0);
}

static void limits_and_time(void) {
    long queue = make("small", 2, o_nonblock);
    EXPECT(receive(queue), -eagain);
    EXPECT(send(queue, "a", 0), 0);
    EXPECT(send(queue, "b", 0), 0);
    EXPECT(send(queue, "c", 0), -eagain);
    struct attributes blocking = {.flags = 0}, former;
    EXPECT(rt(nr_posix_mq_getsetattr, queue, &blocking, &former), 0);
    EXPECT(former.flags, o_nonblock);
    blocking.flags = 1;
    EXPECT(rt(nr_posix_mq_getsetattr, queue, &blocking, NULL), -einval);
    struct timespec past = {1, 0}, soon = date_after(20), wrong = {0, 1000000000};
    EXPECT(rt(nr_posix_mq_timedsend, queue, "c", 1, 0, &past), -etimedout);
    u32 before = tick_now();
    EXPECT(rt(nr_posix_mq_timedsend, queue, "c", 1, 0, &soon), -etimedout);
    CHECK(tick_now() - before >= 18);
    EXPECT(rt(nr_posix_mq_timedsend, queue, "c", 1, 0, &wrong), -einval);
    EXPECT(receive(queue), 0);
    EXPECT(receive(queue), 0);
    soon = date_after(20);
    EXPECT(rt(nr_posix_mq_timedreceive, queue, text, sizeof text, NULL, &soon), -etimedout);
    EXPECT(rt(nr_posix_mq_timedreceive, queue, text, 31, NULL, NULL), -emsgsize);
    EXPECT(rt(nr_posix_mq_timedsend, queue, text, 33, 0, NULL), -emsgsize);
    EXPECT(rt(nr_posix_mq_timedsend, queue, "x", 1, most + 1, NULL), -einval);
    EXPECT(rt(nr_posix_mq_timedsend, queue, 8, 1, 0, NULL), -efault);
    EXPECT(rt(nr_posix_mq_timedsend, queue, "x", 1, 0, 8), -efault);
    // Open for one direction only.
    long reader = rt(nr_posix_mq_open, "small", o_rdonly, 0, NULL),
         writer = rt(nr_posix_mq_open, "small", o_wronly, 0, 0);
    EXPECT(send(reader, "x", 0), -ebadf);
    EXPECT(receive(writer), -ebadf);
    EXPECT(send(writer, "y", 3), 0);
    EXPECT(receive(reader), 3);
    EXPECT(rt(nr_posix_mq_close, 1), -ebadf); // no queue
    EXPECT(rt(nr_posix_mq_close, 99), -ebadf);
    EXPECT(rt(nr_posix_mq_getsetattr, 1, NULL, NULL), -ebadf);
    EXPECT(rt(nr_posix_mq_getsetattr, queue, 8, NULL), -efault);
    EXPECT(rt(nr_posix_mq_getsetattr, queue, NULL, 8), -efault);
    rt(nr_posix_mq_close, reader);
    rt(nr_posix_mq_close, writer);
    rt(nr_posix_mq_close, queue);
    EXPECT(rt(nr_posix_mq_unlink, "small"), 0);
}

static void names(void) {
    static char long_name[300];
    for (u64 i = 0; i < sizeof long_name - 1; i++)
        long_name[i] = 'n';
    EXPECT(rt(nr_posix_mq_open, "nonesuch", o_rdwr, 0, NULL), -enoent);
    EXPECT(rt(nr_posix_mq_unlink, "nonesuch"), -enoent);
    EXPECT(rt(nr_posix_mq_unlink, 8), -efault);
    EXPECT(rt(nr_posix_mq_open, 8, o_rdwr, 0, NULL), -efault);
    EXPECT(rt(nr_posix_mq_open, "a/b", o_rdwr, 0, NULL), -eacces);
    EXPECT(rt(nr_posix_mq_open, long_name, o_creat | o_rdwr, 0600, NULL), -enametoolong);
    EXPECT(rt(nr_posix_mq_open, "n", o_creat | o_rdwr, 0600, 8), -efault);
    EXPECT(make("n", 0, 0), -einval);
    EXPECT(make("n", -1, 0), -einval);
    EXPECT(make("n", 1l << 40, 0), -einval);
    EXPECT(make("n", 0xffffffff, 0), -enomem);
    long queue = make("n", 4, 0);
    EXPECT(make("n", 4, 0), -eexist);
    // Who has it open keeps it; the name is free.
    EXPECT(rt(nr_posix_mq_unlink, "n"), 0);
    EXPECT(send(queue, "kept", 0), 0);
    long other = make("n", 4, o_nonblock);
    EXPECT(receive(other), -eagain);
    EXPECT(receive(queue), 0);
    EXPECT(rt(nr_posix_mq_unlink, "n"), 0);
    rt(nr_posix_mq_close, queue);
    rt(nr_posix_mq_close, other);
    // All together have room for 16 MiB, and there are no more than 256.
    struct attributes large = {.messages = 1016, .bytes = 16384};
    queue = rt(nr_posix_mq_open, "large", o_creat | o_rdwr, 0600, &large);
    CHECK(queue >= 0);
    EXPECT(make("more", 8, 0), -enomem);
    rt(nr_posix_mq_unlink, "large");
    rt(nr_posix_mq_close, queue);
    queue = make("more", 8, 0);
    CHECK(queue >= 0);
    rt(nr_posix_mq_unlink, "more");
    rt(nr_posix_mq_close, queue);
}

static long shared;
static volatile long got;

static void receiver(void* unused) {
    (void)unused;
    got = receive(shared);
    got += receive(shared);
}

static void between_threads(void) {
    shared = make("shared", 1, 0);
    CHECK(start_thread("receiver", receiver, NULL, 10) != 0);
    delay(5);
    EXPECT(send(shared, "one", 1), 0);
    EXPECT(send(shared, "two", 10), 0);
    for (int i = 0; i < 100 && got != 11; i++)
        delay(2);
    EXPECT(got, 11);
    // And between processes; poll tells of room and of messages.
    struct {
        int file;
        short wanted, found;
    } watched = {(int)shared, 1 | 4, 0};
    EXPECT(rt(nr_poll, &watched, 1, 0), 1);
    EXPECT(watched.found, 4);
    long child = rt(nr_fork);
    if (child == 0)
        rt(nr_exit_group, send(shared, "child", 7) == 0 ? 0 : 1);
    EXPECT(receive(shared), 7);
    int status = -1;
    EXPECT(rt(nr_waitpid, child, &status, 0), child);
    EXPECT(status, 0);
    rt(nr_posix_mq_unlink, "shared");
    rt(nr_posix_mq_close, shared);
}

static void notices(void) {
    struct {
        u64 value;
        int signal, notify, thread, padding;
    } event = {.value = 77, .signal = sigusr1, .notify = 0};
    u64 set = BIT(sigusr1), pending = 0;
    struct timespec at_once = {0, 0};
    int info[32];
    EXPECT(rt(nr_thread_sigprocmask, 0, &set, NULL, 8), 0);
    long queue = make("told", 4, 0);
    EXPECT(rt(nr_posix_mq_notify, queue, &event), 0);
    EXPECT(rt(nr_posix_mq_notify, queue, &event), -ebusy);
    EXPECT(send(queue, "a", 0), 0);
    if (!is_5_0) {
        EXPECT(rt(nr_sigtimedwait, &set, info, &at_once, 8), sigusr1);
        EXPECT(info[2], -3); // SI_MESGQ
    } else {
        rt(nr_sigprocmask, 0, NULL, &pending, 8); // 5.0.x has no way to ask; it stays pending
    }
    // It is used up, and a queue that is not empty tells nothing.
    EXPECT(rt(nr_posix_mq_notify, queue, &event), 0);
    EXPECT(send(queue, "b", 0), 0);
    if (!is_5_0)
        EXPECT(rt(nr_sigtimedwait, &set, info, &at_once, 8), -eagain);
    EXPECT(rt(nr_posix_mq_notify, queue, NULL), 0);
    event.notify = 2;
    EXPECT(rt(nr_posix_mq_notify, queue, &event), -einval);
    event.notify = 0;
    event.signal = 65;
    EXPECT(rt(nr_posix_mq_notify, queue, &event), -einval);
    EXPECT(rt(nr_posix_mq_notify, queue, 8), -efault);
    EXPECT(rt(nr_posix_mq_notify, 1, &event), -ebadf);
    // A process that closes its descriptor has asked for nothing.
    event.signal = sigusr1;
    EXPECT(rt(nr_posix_mq_notify, queue, &event), 0);
    EXPECT(rt(nr_posix_mq_close, queue), 0);
    queue = rt(nr_posix_mq_open, "told", o_rdwr, 0, NULL);
    EXPECT(rt(nr_posix_mq_notify, queue, &event), 0);
    rt(nr_posix_mq_unlink, "told");
    rt(nr_posix_mq_close, queue);
}

static void signal_files(void) {
    u64 set = BIT(sigusr1) | BIT(sigusr2);
    if (is_5_0) {
        EXPECT(rt(nr_signalfd, -1, &set, 0), -enosys);
        return;
    }
    int record[64];
    EXPECT(rt(nr_thread_sigprocmask, 0, &set, NULL, 8), 0);
    long file = rt(nr_signalfd, -1, &set, o_nonblock);
    CHECK(file >= 0);
    EXPECT(rt(nr_read, file, record, 128), -eagain);
    EXPECT(rt(nr_kill, rt(nr_getpid), sigusr2), 0);
    EXPECT(rt(nr_tkill, rt(nr_gettid), sigusr1), 0);
    struct {
        int file;
        short wanted, found;
    } watched = {(int)file, 1, 0};
    EXPECT(rt(nr_poll, &watched, 1, 0), 1);
    EXPECT(rt(nr_read, file, record, 127), -einval);
    EXPECT(rt(nr_read, file, record, 256), 256);
    EXPECT(record[0], sigusr1);
    EXPECT(record[32], sigusr2);
    EXPECT(record[32 + 3], rt(nr_getpid)); // the sender
    // Other signals from now on.
    u64 only2 = BIT(sigusr2);
    EXPECT(rt(nr_signalfd, file, &only2, 0), file);
    EXPECT(rt(nr_kill, rt(nr_getpid), sigusr1), 0);
    EXPECT(rt(nr_read, file, record, 128), -eagain);
    struct timespec at_once = {0, 0};
    EXPECT(rt(nr_sigtimedwait, &set, NULL, &at_once, 8), sigusr1);
    EXPECT(rt(nr_write, file, record, 128), -einval);
    EXPECT(rt(nr_signalfd, 1, &set, 0), -einval);
    EXPECT(rt(nr_signalfd, 99, &set, 0), -ebadf);
    EXPECT(rt(nr_signalfd, -1, 8, 0), -efault);
    EXPECT(rt(nr_signalfd, -1, &set, 1), -einval);
    rt(nr_close, file);
}

void rtt_main(void) {
    order();
    limits_and_time();
    names();
    between_threads();
    notices();
    signal_files();
    finish("queues");
}

// Channels and shared memory, between processes.
#include "rtt.h"

struct message {
    u64 sender;
    int type, padding;
    u64 first, second;
};
enum { raw = 0, buffer = 1, descriptor = 2, o_creat = 0100, o_excl = 0200 };

/// Answers requests until one is 0; a request over 1000 is a descriptor's turn.
static void server(int channel) {
    for (;;) {
        struct message request = {0};
        if (rt(nr_channel_recv, channel, &request, FOREVER) != 0)
            rt(nr_exit_group, 10);
        if (request.type == descriptor) {
            rt(nr_write, request.second, "through a channel", 17);
            rt(nr_close, request.second);
        }
        // While a message waits for its answer there is no next one.
        struct message other;
        if (rt(nr_channel_recv, channel, &other, 0) != -code.error)
            rt(nr_exit_group, 11);
        struct message answer = {.type = raw, .first = request.first + 1};
        if (rt(nr_channel_reply, channel, &answer) != 0)
            rt(nr_exit_group, 12);
        if (rt(nr_channel_reply, channel, &answer) != -code.error)
            rt(nr_exit_group, 13);
        if (request.type == raw && request.first == 0)
            rt(nr_exit_group, 0);
    }
}

static void calls(void) {
    EXPECT(rt(nr_channel_open, "nobody", 0), -1);
    int channel = (int)rt(nr_channel_open, "test", o_creat);
    CHECK(channel >= 0);
    EXPECT(rt(nr_channel_open, "test", o_creat | o_excl), -1);
    long child = rt(nr_fork);
    if (child == 0)
        server(channel);
    struct message request = {.type = raw, .first = 41}, answer = {0};
    EXPECT(rt(nr_channel_send_recv, channel, &request, &answer, 0), -code.timeout);
    EXPECT(rt(nr_channel_send_recv, channel, &request, &answer, 2000), 0);
    EXPECT(answer.first, 42);
    CHECK(answer.sender >> 48 == 0xffff);
    // A file travels.
    int pipe[2];
    EXPECT(rt(nr_pipe, pipe), 0);
    request = (struct message){.type = descriptor, .second = (u64)pipe[1]};
    EXPECT(rt(nr_channel_send_recv, channel, &request, &answer, 2000), 0);
    char text[32] = {0};
    EXPECT(rt(nr_read, pipe[0], text, sizeof text), 17);
    CHECK(same_text(text, "through a channel"));
    request.second = 99;
    EXPECT(rt(nr_channel_send_recv, channel, &request, &answer, 100), -code.error);
    // A channel in its own queue would keep itself.
    request.second = (u64)channel;
    EXPECT(rt(nr_channel_send, channel, &request), -code.error);
    // Wrong arguments.
    EXPECT(rt(nr_channel_send_recv, channel, 8, &answer, 100), -efault);
    EXPECT(rt(nr_channel_send_recv, channel, &request, 8, 100), -efault);
    request.type = 9;
    EXPECT(rt(nr_channel_send_recv, channel, &request, &answer, 100), -code.inval);
    EXPECT(rt(nr_channel_send, 0, &request), -code.error);
    EXPECT(rt(nr_channel_recv, 99, &request, 0), -code.error);
    EXPECT(rt(nr_channel_open, 8, 0), -1);
    request = (struct message){.type = raw};
    EXPECT(rt(nr_channel_send_recv, channel, &request, &answer, 2000), 0);
    int status = -1;
    EXPECT(rt(nr_waitpid, child, &status, 0), child);
    EXPECT(status, 0);
    // Nobody answers.
    u32 before = tick_now();
    EXPECT(rt(nr_channel_send_recv, channel, &request, &answer, 20), -code.timeout);
    CHECK(tick_now() - before >= 20);
    EXPECT(rt(nr_channel_recv, channel, &answer, 0), -code.timeout); // its message has gone with it
    EXPECT(rt(nr_channel_recv, channel, &answer, 20), -code.timeout);
    // Messages that want no answer.
    for (u64 i = 1; i < 4; i++) {
        struct message one = {.type = buffer, .first = i, .second = i * 2};
        EXPECT(rt(nr_channel_send, channel, &one), 0);
    }
    for (u64 i = 1; i < 4; i++) {
        EXPECT(rt(nr_channel_recv, channel, &answer, 0), 0);
        EXPECT(answer.first, i);
        EXPECT(answer.second, i * 2);
    }
    EXPECT(rt(nr_channel_reply, channel, &answer), -code.error);
    // The server goes away in the middle of a call.
    child = rt(nr_fork);
    if (child == 0) {
        rt(nr_close, channel);
        channel = (int)rt(nr_channel_open, "test", 0);
        rt(nr_channel_recv, channel, &request, FOREVER);
        rt(nr_exit_group, 0);
    }
    EXPECT(rt(nr_channel_send_recv, channel, &request, &answer, FOREVER), -code.error);
    EXPECT(rt(nr_waitpid, child, &status, 0), child);
    // More than there is room for.
    long sent = 0;
    struct message one = {.type = raw};
    while (sent < 2000 && rt(nr_channel_send, channel, &one) == 0)
        sent++;
    EXPECT(sent, 1024);
    EXPECT(rt(nr_channel_send, channel, &one), -code.nomem);
    EXPECT(rt(nr_channel_close, channel), 0);
    EXPECT(rt(nr_channel_close, channel), -code.error);
    EXPECT(rt(nr_channel_open, "test", 0), -1); // the last one has closed it
}

static void shared_memory(void) {
    EXPECT(rt(nr_shmget, 77, 100, 0), -1);
    long id = rt(nr_shmget, 77, 100, 1);
    CHECK(id >= 0);
    EXPECT(rt(nr_shmget, 77, 100, 0), id);
    EXPECT(rt(nr_shmget, 77, 1 << 20, 0), -1);
    EXPECT(rt(nr_shmget, 78, 0, 1), -1);
    EXPECT(rt(nr_shmat, 63, 0), 0);
    EXPECT(rt(nr_shmat, 640, 0), 0);
    EXPECT(rt(nr_shmat, id, 123), 0);
    volatile int* here = (int*)rt(nr_shmat, id, 0);
    CHECK(here != NULL);
    here[0] = 1;
    long child = rt(nr_fork);
    if (child == 0) {
        volatile int* there = (int*)rt(nr_shmat, rt(nr_shmget, 77, 100, 0), 0);
        while (there[0] != 2)
            rt(nr_sched_yield);
        there[1] = 3;
        rt(nr_exit_group, rt(nr_shmdt, there) == 0 ? 0 : 1);
    }
    here[0] = 2;
    int status = -1;
    EXPECT(rt(nr_waitpid, child, &status, 0), child);
    EXPECT(status, 0);
    EXPECT(here[1], 3);
    EXPECT(rt(nr_shmrm, id), 0); // still mapped: nothing happens
    EXPECT(rt(nr_shmget, 77, 100, 0), id);
    EXPECT(rt(nr_shmdt, 0x1000), -1);
    EXPECT(rt(nr_shmdt, here), 0);
    EXPECT(rt(nr_shmdt, here), -1);
    EXPECT(rt(nr_shmrm, id), 0);
    EXPECT(rt(nr_shmrm, id), -1);
    EXPECT(rt(nr_shmget, 77, 100, 0), -1);
    // There are 64.
    for (long i = 0; i < 64; i++)
        CHECK(rt(nr_shmget, 100 + i, 1, 1) >= 0);
    EXPECT(rt(nr_shmget, 200, 1, 1), -1);
}

void rtt_main(void) {
    calls();
    shared_memory();
    finish("channels");
}

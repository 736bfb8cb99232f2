// Open files: open, read, write, close, dup, pipe, fstat.
#include "check.h"

static char block[BLOCK_BYTES];

static void modes(void) {
    CHECK_EQUAL(open("modes.tmp", O_RDONLY), -1);
    int fd = open("modes.tmp", O_CREATE | O_WRONLY);
    CHECK(fd >= 0);
    CHECK_EQUAL(write(fd, "abc", 3), 3);
    CHECK_EQUAL(read(fd, block, 1), -1);
    close(fd);
    fd = open("modes.tmp", O_RDONLY);
    CHECK_EQUAL(write(fd, "x", 1), -1);
    CHECK_EQUAL(read(fd, block, 10), 3);
    CHECK_EQUAL(read(fd, block, 10), 0);
    close(fd);
    fd = open("modes.tmp", O_CREATE | O_RDWR); // there already: opened as it is
    CHECK_EQUAL(read(fd, block, 10), 3);
    CHECK_EQUAL(write(fd, "de", 2), 2);
    close(fd);
    fd = open("modes.tmp", O_RDONLY | O_TRUNC); // truncated without the right to write
    CHECK_EQUAL(read(fd, block, 10), 0);
    CHECK_EQUAL(close(fd), 0);
    CHECK_EQUAL(close(fd), -1);
    CHECK_EQUAL(read(fd, block, 1), -1);
    CHECK_EQUAL(write(fd, block, 1), -1);
    CHECK_EQUAL(unlink("modes.tmp"), 0);
}

static void shared_offset(void) {
    const int fd = file_with("offset.tmp", "");
    const int second = dup(fd);
    const int child = fork();
    for (int i = 0; i < 100; i++)
        CHECK_EQUAL(write(i % 2 ? fd : second, child == 0 ? "cc" : "pp", 2), 2);
    if (child == 0)
        exit(0);
    CHECK_EQUAL(status_of(child), 0);
    struct stat stat;
    CHECK_EQUAL(fstat(fd, &stat), 0);
    CHECK_EQUAL(stat.size, 400);
    close(fd);
    close(second);
    unlink("offset.tmp");
}

// Not as POSIX has it: there are no holes.
static void write_behind_the_end(void) {
    const int fd = open("behind.tmp", O_CREATE | O_TRUNC | O_WRONLY);
    CHECK_EQUAL(write(fd, "abcd", 4), 4);
    const int second = open("behind.tmp", O_TRUNC | O_WRONLY);
    CHECK_EQUAL(write(fd, "x", 1), -1);
    CHECK_EQUAL(write(second, "y", 1), 1);
    close(fd);
    close(second);
    unlink("behind.tmp");
}

static void largest_file(void) {
    int fd = open("largest.tmp", O_CREATE | O_RDWR);
    for (int i = 0; i < FILE_BLOCKS; i++) {
        *(int*)block = i;
        CHECK_EQUAL(write(fd, block, BLOCK_BYTES), BLOCK_BYTES);
    }
    CHECK_EQUAL(write(fd, block, 1), -1);
    CHECK_EQUAL(write(fd, block, BLOCK_BYTES), -1);
    close(fd);
    fd = open("largest.tmp", O_RDONLY);
    struct stat stat;
    CHECK_EQUAL(fstat(fd, &stat), 0);
    CHECK_EQUAL(stat.size, FILE_BLOCKS * BLOCK_BYTES);
    for (int i = 0; i < FILE_BLOCKS; i++) {
        CHECK_EQUAL(read(fd, block, BLOCK_BYTES), BLOCK_BYTES);
        CHECK_EQUAL(*(int*)block, i);
    }
    CHECK_EQUAL(read(fd, block, 1), 0);
    close(fd);
    CHECK_EQUAL(unlink("largest.tmp"), 0);
}

static void descriptors(void) {
    int last = -1;
    const int first = open(".", O_RDONLY);
    CHECK(first >= 0);
    for (int fd; (fd = dup(first)) >= 0;)
        last = fd;
    CHECK_EQUAL(last, MOST_FILES - 1);
    CHECK_EQUAL(open(".", O_RDONLY), -1);
    int ends[2] = {-7, -7};
    CHECK_EQUAL(pipe(ends), -1);
    close(last);
    CHECK_EQUAL(pipe(ends), -1); // one is free, two are needed; and that one is still free
    close(first);
    CHECK_EQUAL(dup(last - 1), first); // the lowest
    CHECK_EQUAL(dup(last - 1), last);
    CHECK_EQUAL(dup(MOST_FILES), -1);
    CHECK_EQUAL(dup(-1), -1);
    CHECK_EQUAL(close(-1), -1);
    CHECK_EQUAL(close(MOST_FILES), -1);
}

static void pipes(void) {
    int ends[2];
    CHECK_EQUAL(pipe(ends), 0);
    static char large[1033];
    const int child = fork();
    if (child == 0) {
        close(ends[0]);
        for (int i = 0; i < 5; i++) {
            fill(large, (char)('a' + i), sizeof large);
            CHECK_EQUAL(write(ends[1], large, sizeof large), sizeof large); // waits, and gives all of it
        }
        exit(0);
    }
    close(ends[1]);
    int total = 0, got;
    while ((got = read(ends[0], large, 700)) > 0) {
        CHECK(got <= PIPE_BYTES);
        for (int i = 0; i < got; i++, total++)
            CHECK_EQUAL(large[i], 'a' + total / 1033);
    }
    CHECK_EQUAL(got, 0); // no writer is left
    CHECK_EQUAL(total, 5 * 1033);
    CHECK_EQUAL(status_of(child), 0);
    struct stat stat;
    CHECK_EQUAL(fstat(ends[0], &stat), -1);
    close(ends[0]);
    CHECK_EQUAL(pipe(ends), 0);
    CHECK_EQUAL(read(ends[1], large, 1), -1);
    CHECK_EQUAL(write(ends[0], large, 1), -1);
    close(ends[0]);
    CHECK_EQUAL(write(ends[1], "x", 1), -1); // no reader is left
    close(ends[1]);
}

// 512 bytes go in without a reader, the next one waits.
static void pipe_size(void) {
    int ends[2];
    CHECK_EQUAL(pipe(ends), 0);
    CHECK_EQUAL(write(ends[1], block, PIPE_BYTES), PIPE_BYTES);
    const int child = fork();
    if (child == 0) {
        write(ends[1], block, 1);
        exit(0);
    }
    sleep(2);
    kill(child);
    CHECK_EQUAL(status_of(child), -1);
    CHECK_EQUAL(read(ends[0], block, BLOCK_BYTES), PIPE_BYTES);
    CHECK_EQUAL(write(ends[1], block, PIPE_BYTES), PIPE_BYTES);
    close(ends[0]);
    close(ends[1]);
}

static void about_files(void) {
    struct stat stat;
    int fd = file_with("about.tmp", "hello");
    CHECK_EQUAL(fstat(fd, &stat), 0);
    CHECK_EQUAL(stat.type, T_FILE);
    CHECK_EQUAL(stat.size, 5);
    CHECK_EQUAL(stat.nlink, 1);
    CHECK(stat.ino != 0);
    close(fd);
    CHECK_EQUAL(unlink("about.tmp"), 0);
    fd = open(".", O_RDONLY);
    CHECK_EQUAL(fstat(fd, &stat), 0);
    CHECK_EQUAL(stat.type, T_DIRECTORY);
    CHECK_EQUAL(fstat(-1, &stat), -1);
    for (int i = 0; i < bad_pointer_count; i++)
        CHECK_EQUAL(fstat(fd, (struct stat*)bad_pointers[i]), -1);
    close(fd);
    CHECK_EQUAL(mknod("about.dev", 1, 0), 0);
    fd = open("about.dev", O_RDWR);
    CHECK(fd >= 0);
    CHECK_EQUAL(fstat(fd, &stat), 0);
    CHECK_EQUAL(stat.type, T_DEVICE);
    close(fd);
    CHECK_EQUAL(unlink("about.dev"), 0);
}

// Counts below zero.
static void negative_counts(void) {
    const int fd = file_with("negative.tmp", "abcdef");
    CHECK_EQUAL(write(fd, block, -1), -1);
    CHECK_EQUAL(read(fd, sbrk(0) - 1, -1), -1); // a whole file into one byte
    close(fd);
    int ends[2];
    CHECK_EQUAL(pipe(ends), 0);
    CHECK_EQUAL(write(ends[1], block, -1), 0);
    CHECK_EQUAL(write(ends[1], block, 1), 1);
    CHECK_EQUAL(read(ends[0], block, -1), 0);
    unlink("negative.tmp");
}

static void bad_buffers(void) {
    const int fd = file_with("buffers.tmp", "0123456789");
    int ends[2];
    CHECK_EQUAL(pipe(ends), 0);
    CHECK_EQUAL(write(ends[1], "abcdefghij", 10), 10);
    for (int i = 0; i < bad_pointer_count; i++) {
        char* const bad = (char*)bad_pointers[i];
        CHECK_EQUAL(write(fd, bad, 8192), -1);
        CHECK_EQUAL(read(fd, bad, 8192), -1);
        CHECK(write(ends[1], bad, 8192) <= 0);
        CHECK(read(ends[0], bad, 8192) <= 0);
        CHECK(write(1, bad, 8192) <= 0);
        CHECK_EQUAL(pipe((int*)bad), -1);
        CHECK_EQUAL(open(bad, O_CREATE | O_RDWR), -1);
    }
    // No descriptor was lost.
    const int probe = dup(fd);
    CHECK_EQUAL(probe, ends[1] + 1);
    unlink("buffers.tmp");
}

static void many_bad_writes(void) {
    for (int i = 0; i < 600; i++) {
        const int fd = open("junk.tmp", O_CREATE | O_WRONLY);
        CHECK(fd >= 0);
        CHECK_EQUAL(write(fd, (char*)0xfffffffffful, 1), -1);
        close(fd);
        CHECK_EQUAL(unlink("junk.tmp"), 0);
    }
}

static const struct test tests[] = {
    TEST(modes),           TEST(shared_offset), TEST(write_behind_the_end), TEST(largest_file),    TEST(descriptors),
    TEST(pipes),           TEST(pipe_size),     TEST(about_files),          TEST(negative_counts), TEST(bad_buffers),
    TEST(many_bad_writes),
};

int main(int argc, char** argv) {
    return RUN_TESTS(tests, argc, argv);
}

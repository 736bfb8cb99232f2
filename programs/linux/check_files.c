// Regular files: opening, reading and writing at offsets, size, times, modes, descriptors.
#include "check.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

static char text[256];

static void expect_contents(int fd, const char* expected) {
    ssize_t length = pread(fd, text, sizeof text - 1, 0);
    CHECK(length >= 0);
    text[length] = 0;
    if (strcmp(text, expected) != 0)
        fail(__FILE__, __LINE__, "contents are \"%s\", not \"%s\"", text, expected);
}

static void open_flags(void) {
    CHECK_ERROR(open("new", O_RDWR), ENOENT);
    int fd = open("new", O_RDWR | O_CREAT | O_EXCL, 0640);
    CHECK(fd >= 0);
    CHECK_ERROR(open("new", O_RDWR | O_CREAT | O_EXCL, 0640), EEXIST);
    CHECK_ERROR(open("new", O_RDONLY | O_DIRECTORY), ENOTDIR);
    CHECK_ERROR(open("new/x", O_RDONLY), ENOTDIR);
    CHECK_ERROR(open(".", O_RDWR), EISDIR);
    CHECK_ERROR(open(".", O_RDONLY | O_CREAT, 0644), EISDIR);
    CHECK_ERROR(open("", O_RDONLY), ENOENT);
    CHECK_ERROR(open("new/", O_RDONLY), ENOTDIR);
    CHECK_ERROR(open("missing/", O_WRONLY | O_CREAT, 0644), EISDIR);
    CHECK_EQUAL(write(fd, "12345", 5), 5);
    int other = open("new", O_WRONLY | O_TRUNC);
    CHECK(other >= 0);
    expect_contents(fd, "");
    CHECK_ERROR(read(other, text, 1), EBADF);
    int reader = open("new", O_RDONLY);
    CHECK_ERROR(write(reader, "x", 1), EBADF);
    CHECK_EQUAL(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_CREAT | O_EXCL | O_TRUNC), O_RDWR);
}

static void long_names(void) {
    char name[PATH_MAX + 10];
    memset(name, 'n', sizeof name);
    name[255] = 0;
    int fd = open(name, O_CREAT | O_RDWR, 0644);
    CHECK(fd >= 0);
    name[255] = 'n', name[256] = 0;
    CHECK_ERROR(open(name, O_CREAT | O_RDWR, 0644), ENAMETOOLONG);
    memset(name, '/', sizeof name);
    name[PATH_MAX - 1] = 0;
    CHECK_EQUAL(access(name, F_OK), 0);
    name[PATH_MAX - 1] = '/', name[PATH_MAX] = 0;
    CHECK_ERROR(access(name, F_OK), ENAMETOOLONG);
}

static void appending(void) {
    int fd = file_with("log", "start"), append = open("log", O_WRONLY | O_APPEND);
    CHECK_EQUAL(write(append, "+1", 2), 2);
    CHECK_EQUAL(lseek(append, 0, SEEK_SET), 0);
    CHECK_EQUAL(write(append, "+2", 2), 2);
    CHECK_EQUAL(lseek(append, 0, SEEK_CUR), 9);
    expect_contents(fd, "start+1+2");
    CHECK_EQUAL(pwrite(append, "+3", 2, 0), 2); // Linux appends in spite of the offset
    expect_contents(fd, "start+1+2+3");
}

static void seeking(void) {
    int fd = file_with("file", "0123456789");
    CHECK_EQUAL(lseek(fd, 3, SEEK_SET), 3);
    CHECK_EQUAL(lseek(fd, 3, SEEK_CUR), 6);
    CHECK_EQUAL(lseek(fd, -1, SEEK_END), 9);
    CHECK_EQUAL(read(fd, text, 10), 1);
    CHECK_EQUAL(read(fd, text, 10), 0);
    CHECK_ERROR(lseek(fd, -1, SEEK_SET), EINVAL);
    CHECK_ERROR(lseek(fd, 0, 99), EINVAL);
    CHECK_EQUAL(lseek(fd, 100, SEEK_SET), 100);
    CHECK_EQUAL(read(fd, text, 10), 0);
    CHECK_ERROR(lseek(99, 0, SEEK_SET), EBADF);
}

static void sparse(void) {
    int fd = file_with("sparse", "");
    CHECK_EQUAL(pwrite(fd, "end", 3, 1 << 20), 3);
    struct stat status;
    CHECK_EQUAL(fstat(fd, &status), 0);
    CHECK_EQUAL(status.st_size, (1 << 20) + 3);
    CHECK(status.st_blocks < 256);
    CHECK_EQUAL(pread(fd, text, 16, 500000), 16);
    for (int i = 0; i < 16; i++)
        CHECK_EQUAL(text[i], 0);
    CHECK_EQUAL(lseek(fd, 0, SEEK_HOLE), 0);
    CHECK_EQUAL(lseek(fd, 0, SEEK_DATA), 1 << 20);
}

static void truncating(void) {
    int fd = file_with("file", "0123456789");
    CHECK_EQUAL(ftruncate(fd, 4), 0);
    expect_contents(fd, "0123");
    CHECK_EQUAL(truncate("file", 8), 0);
    CHECK_EQUAL(pread(fd, text, 16, 0), 8);
    CHECK_EQUAL(memcmp(text, "0123\0\0\0\0", 8), 0);
    CHECK_ERROR(ftruncate(fd, -1), EINVAL);
    CHECK_ERROR(truncate(".", 0), EISDIR);
    CHECK_ERROR(truncate("missing", 0), ENOENT);
    int reader = open("file", O_RDONLY);
    CHECK_ERROR(ftruncate(reader, 0), EINVAL);
    // What was cut off does not come back.
    CHECK_EQUAL(ftruncate(fd, 2), 0);
    CHECK_EQUAL(ftruncate(fd, 10), 0);
    CHECK_EQUAL(pread(fd, text, 16, 0), 10);
    CHECK_EQUAL(text[2], 0);
}

static void positioned(void) {
    int fd = file_with("file", "0123456789");
    CHECK_EQUAL(pread(fd, text, 3, 5), 3);
    CHECK_EQUAL(memcmp(text, "567", 3), 0);
    CHECK_EQUAL(pwrite(fd, "ab", 2, 1), 2);
    CHECK_EQUAL(lseek(fd, 0, SEEK_CUR), 0);
    CHECK_ERROR(pread(fd, text, 1, -1), EINVAL);
    CHECK_ERROR(pwrite(fd, text, 1, -1), EINVAL);
    CHECK_EQUAL(pread(fd, text, 0, 100), 0);
    struct iovec parts[2] = {{"X", 1}, {"YZ", 2}};
    CHECK_EQUAL(pwritev(fd, parts, 2, 7), 3);
    expect_contents(fd, "0ab3456XYZ");
    char one[2], two[4];
    struct iovec in[2] = {{one, 2}, {two, 4}};
    CHECK_EQUAL(preadv(fd, in, 2, 6), 4);
    CHECK_EQUAL(memcmp(one, "6X", 2), 0);
    CHECK_EQUAL(memcmp(two, "YZ", 2), 0);
}

static void shared_offset(void) {
    int fd = file_with("file", "0123456789"), twin = dup(fd), own = open("file", O_RDWR);
    CHECK_EQUAL(read(fd, text, 4), 4);
    CHECK_EQUAL(lseek(twin, 0, SEEK_CUR), 4);
    CHECK_EQUAL(lseek(own, 0, SEEK_CUR), 0);
    pid_t child = fork();
    if (child == 0)
        _exit(read(fd, text, 3) != 3);
    finish_child(child);
    CHECK_EQUAL(lseek(fd, 0, SEEK_CUR), 7);
    CHECK_EQUAL(fcntl(twin, F_SETFL, O_APPEND), 0);
    CHECK_EQUAL(fcntl(fd, F_GETFL) & O_APPEND, O_APPEND);
    CHECK_EQUAL(fcntl(own, F_GETFL) & O_APPEND, 0);
}

static void duplicating(void) {
    int fd = file_with("file", "");
    CHECK_EQUAL(dup2(fd, 50), 50);
    CHECK_EQUAL(dup2(fd, fd), fd);
    CHECK_ERROR(dup3(fd, fd, 0), EINVAL);
    CHECK_EQUAL(dup3(fd, 51, O_CLOEXEC), 51);
    CHECK_EQUAL(fcntl(51, F_GETFD), FD_CLOEXEC);
    CHECK_ERROR(dup3(fd, 52, O_APPEND), EINVAL);
    CHECK_ERROR(dup(99), EBADF);
    CHECK_ERROR(dup2(99, 60), EBADF);
    CHECK_ERROR(dup2(fd, -1), EBADF);
    CHECK_ERROR(dup2(fd, 1 << 20), EBADF);
    CHECK_EQUAL(fcntl(fd, F_DUPFD, 50), 52);
    CHECK_EQUAL(fcntl(fd, F_DUPFD_CLOEXEC, 50), 53);
    CHECK_EQUAL(fcntl(53, F_GETFD), FD_CLOEXEC);
    CHECK_EQUAL(fcntl(53, F_SETFD, 0), 0);
    CHECK_EQUAL(fcntl(53, F_GETFD), 0);
    CHECK_ERROR(fcntl(fd, F_DUPFD, -1), EINVAL);
    CHECK_ERROR(fcntl(fd, 9999), EINVAL);
    close(50);
    CHECK_EQUAL(dup(fd) < 50, 1); // the lowest free one
    CHECK_EQUAL(close(51), 0);
    CHECK_ERROR(close(51), EBADF);
    CHECK_ERROR(close(-1), EBADF);
}

static void unlinked_but_open(void) {
    int fd = file_with("file", "still here");
    CHECK_EQUAL(unlink("file"), 0);
    CHECK_ERROR(open("file", O_RDONLY), ENOENT);
    struct stat status;
    CHECK_EQUAL(fstat(fd, &status), 0);
    CHECK_EQUAL(status.st_nlink, 0);
    expect_contents(fd, "still here");
    CHECK_ERROR(unlink("."), EISDIR);
    CHECK_ERROR(unlink("missing"), ENOENT);
}

static void status_fields(void) {
    int fd = file_with("file", "12345");
    struct stat status, other;
    CHECK_EQUAL(fstat(fd, &status), 0);
    CHECK_EQUAL(status.st_mode, S_IFREG | 0644);
    CHECK_EQUAL(status.st_size, 5);
    CHECK_EQUAL(status.st_nlink, 1);
    CHECK_EQUAL(status.st_uid, getuid());
    CHECK_EQUAL(status.st_blocks * 512 >= 5, 1);
    CHECK(status.st_mtime > 0);
    CHECK_EQUAL(stat("file", &other), 0);
    CHECK(status.st_ino == other.st_ino && status.st_dev == other.st_dev);
    struct statx extended;
    CHECK_EQUAL(statx(AT_FDCWD, "file", 0, STATX_BASIC_STATS, &extended), 0);
    CHECK_EQUAL(extended.stx_mask & STATX_BASIC_STATS, STATX_BASIC_STATS);
    CHECK_EQUAL(extended.stx_size, 5);
    CHECK_EQUAL(extended.stx_mode, S_IFREG | 0644);
    CHECK_EQUAL(extended.stx_ino, status.st_ino);
    CHECK_EQUAL(extended.stx_mtime.tv_sec, status.st_mtim.tv_sec);
    CHECK_EQUAL(statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &extended), 0);
    CHECK_ERROR(statx(fd, "", 0, STATX_SIZE, &extended), ENOENT);
    CHECK_EQUAL(fstatat(fd, "", &other, AT_EMPTY_PATH), 0);
    CHECK_ERROR(fstatat(AT_FDCWD, "file", &other, 0x40000000), EINVAL);
    CHECK_ERROR(fstatat(99, "file", &other, 0), EBADF);
    CHECK_EQUAL(fstatat(99, "/tmp", &other, 0), 0);
}

static void modes(void) {
    umask(027);
    int fd = open("file", O_CREAT | O_RDWR, 0666);
    struct stat status;
    CHECK_EQUAL(fstat(fd, &status), 0);
    CHECK_EQUAL(status.st_mode & 07777, 0640);
    CHECK_EQUAL(mkdir("folder", 0777), 0);
    CHECK_EQUAL(stat("folder", &status), 0);
    CHECK_EQUAL(status.st_mode, S_IFDIR | 0750);
    CHECK_EQUAL(umask(0), 027);
    CHECK_EQUAL(chmod("file", 04711), 0);
    CHECK_EQUAL(fstat(fd, &status), 0);
    CHECK_EQUAL(status.st_mode & 07777, 04711);
    CHECK_EQUAL(fchmod(fd, 0600), 0);
    CHECK_EQUAL(fchmodat(AT_FDCWD, "file", 0640, 0), 0);
    CHECK_EQUAL(fstat(fd, &status), 0);
    CHECK_EQUAL(status.st_mode & 07777, 0640);
    CHECK_EQUAL(access("file", R_OK | W_OK), 0);
    CHECK_ERROR(access("file", X_OK), EACCES); // even for root: no one may execute it
    CHECK_ERROR(access("missing", F_OK), ENOENT);
    CHECK_ERROR(access("file", 8), EINVAL);
    CHECK_EQUAL(chown("file", 12, 34), 0);
    CHECK_EQUAL(fstat(fd, &status), 0);
    CHECK(status.st_uid == 12 && status.st_gid == 34);
    CHECK_EQUAL(chown("file", (uid_t)-1, 35), 0);
    CHECK_EQUAL(fstat(fd, &status), 0);
    CHECK(status.st_uid == 12 && status.st_gid == 35);
}

static void times(void) {
    int fd = file_with("file", "x");
    struct timespec when[2] = {{1000, 1}, {2000, 2}};
    struct stat status;
    CHECK_EQUAL(utimensat(AT_FDCWD, "file", when, 0), 0);
    CHECK_EQUAL(fstat(fd, &status), 0);
    CHECK(status.st_atim.tv_sec == 1000 && status.st_atim.tv_nsec == 1);
    CHECK(status.st_mtim.tv_sec == 2000 && status.st_mtim.tv_nsec == 2);
    when[0].tv_nsec = UTIME_OMIT;
    when[1].tv_nsec = UTIME_NOW;
    CHECK_EQUAL(futimens(fd, when), 0);
    CHECK_EQUAL(fstat(fd, &status), 0);
    CHECK(status.st_atim.tv_sec == 1000 && status.st_mtim.tv_sec != 2000);
    when[0].tv_nsec = 2000000000;
    CHECK_ERROR(futimens(fd, when), EINVAL);
    CHECK_EQUAL(utimensat(AT_FDCWD, "file", NULL, 0), 0);
    CHECK_ERROR(utimensat(AT_FDCWD, "missing", NULL, 0), ENOENT);
    struct stat before, after;
    CHECK_EQUAL(fstat(fd, &before), 0);
    pause_ms(20);
    CHECK_EQUAL(write(fd, "yz", 2), 2);
    CHECK_EQUAL(fstat(fd, &after), 0);
    CHECK(after.st_mtim.tv_sec > before.st_mtim.tv_sec || after.st_mtim.tv_nsec > before.st_mtim.tv_nsec);
}

static void copying(void) {
    int in = file_with("in", "0123456789"), out = file_with("out", "");
    off_t offset = 2;
    CHECK_EQUAL(sendfile(out, in, &offset, 3), 3);
    CHECK_EQUAL(offset, 5);
    CHECK_EQUAL(lseek(in, 0, SEEK_CUR), 0);
    CHECK_EQUAL(sendfile(out, in, NULL, 2), 2);
    CHECK_EQUAL(lseek(in, 0, SEEK_CUR), 2);
    expect_contents(out, "23401");
    int ends[2];
    CHECK_EQUAL(pipe(ends), 0);
    CHECK_EQUAL(sendfile(ends[1], in, NULL, 100), 8);
    CHECK_EQUAL(sendfile(ends[1], in, NULL, 100), 0);
    CHECK_EQUAL(read(ends[0], text, 100), 8);
    off_t from = 0, to = 5;
    CHECK_EQUAL(copy_file_range(in, &from, out, &to, 4, 0), 4);
    CHECK(from == 4 && to == 9);
    expect_contents(out, "234010123");
    CHECK_ERROR(copy_file_range(in, NULL, out, NULL, 4, 1), EINVAL);
}

static void large_counts(void) {
    int fd = file_with("file", "abc");
    CHECK_EQUAL(read(fd, text, 0), 0);
    CHECK_EQUAL(write(fd, text, 0), 0);
    CHECK_ERROR(read(99, text, 0), EBADF);
    struct iovec parts[2] = {{text, 1}, {text, (size_t)-1}};
    CHECK_ERROR(readv(fd, parts, 2), EINVAL);
}

static void special_devices(void) {
    int zero = open("/dev/zero", O_RDWR), null = open("/dev/null", O_RDWR), full = open("/dev/full", O_RDWR);
    memset(text, 'x', sizeof text);
    CHECK_EQUAL(read(zero, text, 100), 100);
    CHECK_EQUAL(text[0] | text[50] | text[99], 0);
    CHECK_EQUAL(write(zero, text, 10), 10);
    CHECK_EQUAL(read(null, text, 10), 0);
    CHECK_EQUAL(write(null, text, 10), 10);
    CHECK_EQUAL(read(full, text, 10), 10);
    CHECK_ERROR(write(full, text, 10), ENOSPC);
    struct stat status;
    CHECK_EQUAL(fstat(null, &status), 0);
    CHECK(S_ISCHR(status.st_mode));
    CHECK_EQUAL(status.st_rdev, 0x103);
    char first[32], second[32];
    int random = open("/dev/urandom", O_RDONLY);
    CHECK_EQUAL(read(random, first, 32), 32);
    CHECK_EQUAL(syscall(SYS_getrandom, second, 32, 0), 32);
    CHECK(memcmp(first, second, 32) != 0);
    CHECK_ERROR(syscall(SYS_getrandom, second, 32, 0x80), EINVAL);
}

// Record locks: a child may not take what the parent holds, and sees who holds it.
static void record_locks(void) {
    int fd = file_with("file", "0123456789");
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 2, .l_len = 3};
    CHECK_EQUAL(fcntl(fd, F_SETLK, &lock), 0);
    pid_t child = fork();
    if (child == 0) {
        struct flock mine = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 4, .l_len = 1};
        CHECK_EQUAL(fcntl(fd, F_GETLK, &mine), 0);
        CHECK(mine.l_type == F_WRLCK && mine.l_pid == getppid() && mine.l_start == 2 && mine.l_len == 3);
        mine = (struct flock){.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 4, .l_len = 1};
        CHECK_ERROR(fcntl(fd, F_SETLK, &mine), EAGAIN);
        mine.l_start = 5;
        CHECK_EQUAL(fcntl(fd, F_SETLK, &mine), 0);
        _exit(0);
    }
    finish_child(child);
}

static void whole_file_locks(void) {
    int fd = file_with("file", ""), other = open("file", O_RDWR);
    CHECK_EQUAL(flock(fd, LOCK_EX), 0);
    CHECK_ERROR(flock(other, LOCK_EX | LOCK_NB), EAGAIN);
    CHECK_EQUAL(flock(fd, LOCK_UN), 0);
    CHECK_EQUAL(flock(other, LOCK_SH | LOCK_NB), 0);
    CHECK_EQUAL(flock(fd, LOCK_SH | LOCK_NB), 0);
}

static void file_systems(void) {
    struct statfs status;
    CHECK_EQUAL(statfs(".", &status), 0);
    CHECK(status.f_bsize > 0 && status.f_namelen == 255);
    int fd = file_with("file", "x");
    CHECK_EQUAL(fstatfs(fd, &status), 0);
    CHECK_EQUAL(fsync(fd), 0);
    CHECK_EQUAL(fdatasync(fd), 0);
    sync();
}

static const struct test tests[] = {
    TEST(open_flags),   TEST(long_names),        TEST(appending),     TEST(seeking),
    TEST(sparse),       TEST(truncating),        TEST(positioned),    TEST(shared_offset),
    TEST(duplicating),  TEST(unlinked_but_open), TEST(status_fields), TEST(modes),
    TEST(times),        TEST(copying),           TEST(large_counts),  TEST(special_devices),
    TEST(record_locks), TEST(whole_file_locks),  TEST(file_systems),
};

int main(int argc, char** argv) {
    return RUN_TESTS(tests, argc, argv);
}

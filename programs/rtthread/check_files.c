// POSIX-like calls on files, memory, devices and the system.
#include "rtt.h"

enum { o_rdonly = 0, o_wronly = 1, o_rdwr = 2, o_creat = 0100, o_excl = 0200, o_trunc = 01000 };
struct stat {
    u64 device, number;
    u32 mode, links, user, group;
    u64 raw, padding;
    long size;
    int block_size, padding2;
    long blocks;
    struct timespec times[3];
    u32 unused[2];
};

static void files(void) {
    char text[32] = {0};
    struct stat stat;
    EXPECT(rt(nr_mkdir, "/tmp/rt", 0755), 0);
    EXPECT(rt(nr_mkdir, "/tmp/rt", 0755), -eexist);
    EXPECT(rt(nr_chdir, "/tmp/rt"), 0);
    EXPECT(rt(nr_chdir, "/tmp/none"), -enoent);
    CHECK(rt(nr_getcwd, text, sizeof text) > 0 && same_text(text, "/tmp/rt"));
    EXPECT(rt(nr_getcwd, text, 3), -erange);
    long file = rt(nr_open, "a", o_rdwr | o_creat, 0644);
    CHECK(file >= 3);
    EXPECT(rt(nr_open, "a", o_rdwr | o_creat | o_excl, 0644), -eexist);
    EXPECT(rt(nr_open, "none", o_rdonly), -enoent);
    EXPECT(rt(nr_write, file, "0123456789", 10), 10);
    EXPECT(rt(nr_lseek, file, 2, 0), 2);
    EXPECT(rt(nr_lseek, file, 0, 9), -einval);
    EXPECT(rt(nr_lseek, file, -5, 0), -einval);
    memset(text, 0, sizeof text);
    EXPECT(rt(nr_read, file, text, 3), 3);
    CHECK(same_text(text, "234"));
    EXPECT(rt(nr_fstat, file, &stat), 0);
    EXPECT(stat.size, 10);
    EXPECT(stat.mode, 0100644);
    EXPECT(rt(nr_stat, "a", &stat), 0);
    EXPECT(rt(nr_lstat, "/tmp/rt", &stat), 0);
    EXPECT(stat.mode & 0170000, 0040000);
    EXPECT(rt(nr_stat, "none", &stat), -enoent);
    EXPECT(rt(nr_ftruncate, file, 4), is_5_0 ? -enosys : 0);
    EXPECT(rt(nr_fsync, file), 0);
    if (!is_5_0) {
        EXPECT(rt(nr_pread64, file, text, 2, 1), 2);
        EXPECT(text[0], '1');
        EXPECT(rt(nr_pwrite64, file, "X", 1, 0), 1);
        EXPECT(rt(nr_pread64, file, text, 2, -1), -einval);
        EXPECT(rt(nr_symlink, "a", "link"), 0);
        EXPECT(rt(nr_link, "a", "hard"), 0);
        EXPECT(rt(nr_unlink, "hard"), 0);
        EXPECT(rt(nr_chmod, "a", 0600), 0);
        EXPECT(rt(nr_chown, "a", 0, 0), 0);
        EXPECT(rt(nr_utimensat, -100, "a", NULL, 0), 0);
        EXPECT(rt(nr_readlink, "link", text, sizeof text), 1);
        EXPECT(rt(nr_readlink, "a", text, sizeof text), -einval);
        EXPECT(rt(nr_unlink, "link"), 0);
        long directory = rt(nr_openat, -100, "/tmp", o_rdonly, 0);
        EXPECT(rt(nr_fchdir, directory), 0);
        EXPECT(rt(nr_fchdir, file), -enotdir);
        EXPECT(rt(nr_chdir, "rt"), 0);
        rt(nr_close, directory);
    }
    EXPECT(rt(nr_access, "a", 4), 0);
    EXPECT(rt(nr_access, "a", 9), -einval);
    EXPECT(rt(nr_access, "none", 0), -enoent);
    EXPECT(rt(nr_rename, "a", "b"), 0);
    EXPECT(rt(nr_rename, "a", "b"), -enoent);
    long copy = rt(nr_dup, file);
    CHECK(copy > file);
    EXPECT(rt(nr_dup2, file, 20), 20);
    EXPECT(rt(nr_dup2, file, -1), -ebadf);
    EXPECT(rt(nr_dup, 99), -ebadf);
    EXPECT(rt(nr_close, 20), 0);
    EXPECT(rt(nr_close, 20), -ebadf);
    EXPECT(rt(nr_ioctl, file, 3, 0) & 3, o_rdwr); // fcntl(F_GETFL)
    EXPECT(rt(nr_ioctl, file, 0, 30), 30);        // F_DUPFD
    EXPECT(rt(nr_ioctl, file, 0x5413, text), -enotty);
    EXPECT(rt(nr_unlink, "b"), 0);
    EXPECT(rt(nr_unlink, "b"), -enoent);
    // A directory's names.
    rt(nr_close, rt(nr_open, "one", o_wronly | o_creat, 0644));
    long directory = rt(nr_open, ".", o_rdonly);
    u8 records[512];
    long bytes = rt(nr_getdents, directory, records, sizeof records);
    int found = 0;
    for (long at = 0; at < bytes; at += *(u16*)(records + at + 16))
        found += same_text((char*)records + at + 19, "one");
    EXPECT(found, 1);
    EXPECT(rt(nr_getdents, directory, records, sizeof records), 0);
    EXPECT(rt(nr_getdents, file, records, sizeof records), -enotdir);
    EXPECT(rt(nr_rmdir, "/tmp/rt"), -enotempty);
    EXPECT(rt(nr_unlink, "one"), 0);
    EXPECT(rt(nr_chdir, "/"), 0);
    EXPECT(rt(nr_rmdir, "/tmp/rt"), 0);
    u64 fs[15];
    EXPECT(rt(nr_statfs, "/", fs), 0);
    EXPECT(rt(nr_fstatfs, file, fs), 0);
    EXPECT(rt(nr_statfs64, "/", sizeof fs, fs), 0);
    EXPECT(rt(nr_fstatfs64, file, 5, fs), -einval);
}

static void waiting(void) {
    int ends[2];
    struct {
        int descriptor;
        short wanted, found;
    } one = {.wanted = 1};
    EXPECT(rt(nr_pipe, ends), 0);
    EXPECT(rt(nr_pipe, 8), -efault);
    one.descriptor = ends[0];
    u32 before = tick_now();
    EXPECT(rt(nr_poll, &one, 1, 20), 0);
    CHECK(tick_now() - before >= 19);
    rt(nr_write, ends[1], "x", 1);
    EXPECT(rt(nr_poll, &one, 1, -1), 1);
    EXPECT(one.found, 1);
    u64 set = 1ul << ends[0];
    long soon[2] = {0, 10000};
    EXPECT(rt(nr_select, ends[0] + 1, &set, NULL, NULL, soon), 1);
    char byte;
    rt(nr_read, ends[0], &byte, 1);
    EXPECT(rt(nr_select, ends[0] + 1, &set, NULL, NULL, soon), 0);
    EXPECT(set, 0);
    EXPECT(rt(nr_select, -1, &set, NULL, NULL, soon), -einval);
    int available = 9;
    EXPECT(rt(nr_ioctl, ends[0], 0x541b, &available), 0); // FIONREAD
    EXPECT(available, 0);
    EXPECT(rt(nr_lseek, ends[0], 0, 0), -espipe);
    if (is_5_0)
        return;
    u64 value = 0;
    long event = rt(nr_eventfd2, 3, 0);
    long poller = rt(nr_epoll_create1, 0);
    struct {
        u32 events, padding;
        u64 data;
    } watch = {1, 0, 42}, ready = {0, 0, 0};
    EXPECT(rt(nr_epoll_ctl, poller, 1, event, &watch), 0);
    EXPECT(rt(nr_epoll_ctl, poller, 1, event, &watch), -eexist);
    EXPECT(rt(nr_epoll_pwait, poller, &ready, 1, 100, NULL, 8), 1);
    EXPECT(ready.data, 42);
    EXPECT(rt(nr_read, event, &value, 8), 8);
    EXPECT(value, 3);
    EXPECT(rt(nr_epoll_pwait, poller, &ready, 1, 0, NULL, 8), 0);
    EXPECT(rt(nr_epoll_ctl, poller, 2, event, NULL), 0);
    long timer = rt(nr_timerfd_create, 1, 0);
    struct {
        struct timespec interval, value;
    } setting = {{0, 0}, {0, 5000000}};
    EXPECT(rt(nr_timerfd_settime, timer, 0, &setting, NULL), 0);
    EXPECT(rt(nr_read, timer, &value, 8), 8);
    EXPECT(value, 1);
    EXPECT(rt(nr_timerfd_gettime, timer, &setting), 0);
    EXPECT(setting.value.nanoseconds, 0);
    // A timer that is always due leaves time for others.
    setting.interval.nanoseconds = setting.value.nanoseconds = 1;
    setting.interval.seconds = setting.value.seconds = 0;
    EXPECT(rt(nr_timerfd_settime, timer, 0, &setting, NULL), 0);
    delay(5);
    EXPECT(rt(nr_read, timer, &value, 8), 8);
    CHECK(value > 1000);
    setting.value.nanoseconds = 0;
    EXPECT(rt(nr_timerfd_settime, timer, 0, &setting, NULL), 0);
    CHECK(rt(nr_memfd_create, "m", 0) > 0);
}

static void memory(void) {
    u64 end = (u64)rt(nr_brk, 0);
    CHECK(end > 0);
    EXPECT(rt(nr_brk, end + 100000), end + 100000);
    *(volatile char*)(end + 99999) = 1;
    EXPECT(rt(nr_brk, end), end);
    EXPECT(rt(nr_brk, 16), end); // impossible: nothing changes
    long long_fail = is_5_0 ? -1 : -einval;
    char* area = (char*)rt(nr_mmap2, 0, 10000, 3, 0x22, -1, 0);
    CHECK((long)area > 0);
    EXPECT(area[9999], 0);
    area[9999] = 1;
    EXPECT(rt(nr_mmap2, 0, 0, 3, 0x22, -1, 0), long_fail);
    EXPECT(rt(nr_mmap2, 0, 1ul << 60, 3, 0x22, -1, 0), long_fail);
    if (!is_5_0) {
        char* moved = (char*)rt(nr_mremap, area, 12288, 65536, 1, 0);
        CHECK((long)moved > 0);
        EXPECT(moved[9999], 1);
        EXPECT(rt(nr_madvise, moved, 65536, 4), 0);
        EXPECT(moved[9999], 0);
        EXPECT(rt(nr_madvise, moved, 65536, 99), -einval);
        EXPECT(rt(nr_mremap, 4097, 1, 2, 0, 0), -einval);
        area = moved;
    } else {
        EXPECT(rt(nr_mremap, area, 1, 2, 0, 0), -1);
        EXPECT(rt(nr_madvise, area, 4096, 4), -enosys);
    }
    EXPECT(rt(nr_cacheflush, area, 100, 3), 0);
    EXPECT(rt(nr_cacheflush, area, -1, 3), -einval);
    EXPECT(rt(nr_cacheflush, 8, 100, 1), -efault);
    EXPECT(rt(nr_munmap, area, 4096), 0);
    EXPECT(rt(nr_munmap, area + 1, 4096), -einval);
    // A place within a page, as dynamic linkers ask for segments: every page that it touches is there.
    char* pages = (char*)rt(nr_mmap2, 0, 3 * 4096, 3, 0x22, -1, 0);
    EXPECT(rt(nr_munmap, pages, 3 * 4096), 0);
    EXPECT(rt(nr_mmap2, pages + 0xee4, 0x1200, 3, 0, -1, 0), pages + 0xee4);
    pages[0xee4] = pages[0xee4 + 0x1200 - 1] = 1;
    EXPECT(pages[4096], 0);
    EXPECT(rt(nr_mmap2, pages + 0xee4, 0x1200, 3, 0x32, -1, 0), long_fail); // a fixed place is a page's start
    EXPECT(rt(nr_mmap2, pages + 0xee4, -1l, 3, 0x22, -1, 0), long_fail);
    EXPECT(rt(nr_munmap, pages, 3 * 4096), 0);
    // A file's pages.
    if (is_5_0)
        return;
    long file = rt(nr_open, "/tmp/map", o_rdwr | o_creat | o_trunc, 0600);
    rt(nr_write, file, "mapped", 6);
    pages = (char*)rt(nr_mmap2, 0, 4096, 1, 1, file, 0);
    CHECK((long)pages > 0 && pages[0] == 'm');
    CHECK(rt(nr_mmap2, 0, 4096, 1, 1, 99, 0) == -ebadf);
    rt(nr_unlink, "/tmp/map");
}

static void devices(void) {
    handle null_device = (handle)rt(nr_device_find, "null");
    CHECK(null_device != 0);
    EXPECT(rt(nr_device_find, "null"), null_device);
    EXPECT(rt(nr_device_find, "nonesuch"), 0);
    EXPECT(rt(nr_device_find, "../etc/passwd"), 0);
    EXPECT(rt(nr_device_find, 8), 0);
    char text[8] = "1234567";
    EXPECT(rt(nr_device_read, null_device, 0, text, 8), -code.error); // not open
    EXPECT(rt(nr_device_init, null_device), 0);
    EXPECT(rt(nr_device_open, null_device, 3), 0);
    EXPECT(rt(nr_device_read, null_device, 0, text, 8), 0);
    EXPECT(rt(nr_device_write, null_device, 0, text, 8), 8);
    EXPECT(rt(nr_device_control, null_device, 1, NULL), 0);
    EXPECT(rt(nr_device_control, null_device, 0x123, NULL), -code.nosys);
    EXPECT(rt(nr_device_close, null_device), 0);
    EXPECT(rt(nr_device_close, null_device), -code.error);
    handle zero = (handle)rt(nr_device_find, "zero");
    EXPECT(rt(nr_device_open, zero, 1), 0);
    EXPECT(rt(nr_device_read, zero, 0, text, 8), 8);
    EXPECT(text[0], 0);
    EXPECT(rt(nr_device_read, zero, 0, (char*)8, 8), -efault);
    EXPECT(rt(nr_device_read, 0x1234, 0, text, 8), -code.inval);
    EXPECT(rt(nr_device_write, 0x1234, 0, text, 8), -code.inval);
    EXPECT(rt(nr_device_open, 0x1234, 3), -code.inval);
    EXPECT(rt(nr_device_close, 0x1234), -code.inval);
    EXPECT(rt(nr_device_init, 0x1234), -code.inval);
    EXPECT(rt(nr_device_register, 0, "x", 0), -enosys);
}

static void system(void) {
    struct timespec now, later, resolution;
    EXPECT(rt(nr_clock_gettime, 1, &now), 0);
    EXPECT(rt(nr_clock_gettime, 99, &now), -einval);
    EXPECT(rt(nr_clock_gettime, 1, 8), -efault);
    EXPECT(rt(nr_clock_getres, 1, &resolution), 0);
    struct timespec sleep = {0, 5000000};
    EXPECT(rt(nr_nanosleep, &sleep, NULL), 0);
    EXPECT(rt(nr_clock_gettime, 1, &later), 0);
    CHECK((later.seconds - now.seconds) * 1000000000 + later.nanoseconds - now.nanoseconds >= 5000000);
    EXPECT(rt(nr_clock_nanosleep, 1, 1, &now, NULL), 0); // long ago
    EXPECT(rt(nr_clock_nanosleep, 9, 0, &now, NULL), -einval);
    sleep.nanoseconds = 1000000000;
    EXPECT(rt(nr_nanosleep, &sleep, NULL), -einval);
    long day[2];
    EXPECT(rt(nr_gettimeofday, day, NULL), 0);
    CHECK(day[0] > 1000000000);
    EXPECT(rt(nr_settimeofday, day, NULL), 0);
    EXPECT(rt(nr_clock_gettime, 0, &now), 0);
    EXPECT(rt(nr_clock_settime, 0, &now), 0);
    EXPECT(rt(nr_clock_settime, 1, &now), -einval);
    static char name[6][65];
    EXPECT(rt(nr_uname, name), 0);
    CHECK(same_text(name[0], "RT-Thread"));
    u64 random[4] = {0};
    EXPECT(rt(nr_getrandom, random, 32, 0), 32);
    CHECK(random[0] | random[1] | random[2] | random[3]);
    EXPECT(rt(nr_getrandom, random, 32, 99), -einval);
    EXPECT(rt(nr_log, "from a test\n", 12), 0);
    if (!is_5_0) {
        static u64 info[64];
        EXPECT(rt(nr_sysinfo, info), 0);
        CHECK(info[4] > 1000);
        EXPECT(rt(nr_reboot, 1, 2, 3), -einval);
        EXPECT(rt(nr_mount, "none", "/tmp", "nosuchfs", 0, NULL), -6);
        EXPECT(rt(nr_umount2, "/etc", 0), -einval);
    }
}

static void unsupported(void) {
    const int numbers[] = {60, 95, 96, 99, 100, 101, 108, 109, 189, 190, 195, 204, 205};
    for (u64 i = 0; i < sizeof numbers / sizeof *numbers; i++)
        EXPECT(rt(numbers[i]), -enosys);
    for (int network = 69; network <= 93; network++)
        EXPECT(rt(network), -enosys);
    EXPECT(rt(215), -enosys);
    EXPECT(rt(253), -enosys);
    EXPECT(rt(0), -enosys);
}

void rtt_main(void) {
    files();
    waiting();
    memory();
    devices();
    system();
    unsupported();
    finish("files");
}

// Folders and names: links, renaming, reading folders, the working directory.
#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static struct stat status;

static ino_t inode(const char* name) {
    CHECK_EQUAL(lstat(name, &status), 0);
    return status.st_ino;
}

static void make(const char* name) {
    close(file_with(name, name));
}

static void folders(void) {
    CHECK_EQUAL(mkdir("a", 0755), 0);
    CHECK_ERROR(mkdir("a", 0755), EEXIST);
    CHECK_ERROR(mkdir("x/y", 0755), ENOENT);
    make("a/file");
    CHECK_ERROR(mkdir("a/file/b", 0755), ENOTDIR);
    CHECK_ERROR(rmdir("a"), ENOTEMPTY);
    CHECK_ERROR(rmdir("a/file"), ENOTDIR);
    CHECK_ERROR(rmdir("a/."), EINVAL);
    CHECK_ERROR(rmdir("a/.."), ENOTEMPTY);
    CHECK_ERROR(rmdir("missing"), ENOENT);
    CHECK_EQUAL(unlink("a/file"), 0);
    CHECK_EQUAL(mkdir("b/", 0755), 0);
    CHECK_EQUAL(rmdir("b/"), 0);
    CHECK_EQUAL(rmdir("a"), 0);
    CHECK_EQUAL(mkdir("c", 0755), 0);
    CHECK_EQUAL(unlinkat(AT_FDCWD, "c", AT_REMOVEDIR), 0);
    CHECK_ERROR(unlinkat(AT_FDCWD, "c", 0x8000), EINVAL);
}

static void link_counts(void) {
    CHECK_EQUAL(mkdir("a", 0755), 0);
    inode("a");
    CHECK_EQUAL(status.st_nlink, 2);
    CHECK_EQUAL(mkdir("a/b", 0755), 0);
    inode("a");
    CHECK_EQUAL(status.st_nlink, 3);
    CHECK_EQUAL(rmdir("a/b"), 0);
    inode("a");
    CHECK_EQUAL(status.st_nlink, 2);
}

static void hard_links(void) {
    make("file");
    CHECK_EQUAL(link("file", "twin"), 0);
    CHECK_EQUAL(inode("file"), inode("twin"));
    CHECK_EQUAL(status.st_nlink, 2);
    CHECK_ERROR(link("file", "twin"), EEXIST);
    CHECK_ERROR(link("missing", "x"), ENOENT);
    CHECK_EQUAL(mkdir("folder", 0755), 0);
    CHECK_ERROR(link("folder", "x"), EPERM);
    CHECK_EQUAL(unlink("file"), 0);
    inode("twin");
    CHECK_EQUAL(status.st_nlink, 1);
}

static void symbolic_links(void) {
    char target[64];
    make("file");
    CHECK_EQUAL(symlink("file", "link"), 0);
    CHECK_EQUAL(readlink("link", target, sizeof target), 4);
    CHECK_EQUAL(readlink("link", target, 2), 2);
    CHECK_ERROR(readlink("file", target, sizeof target), EINVAL);
    CHECK_ERROR(readlink("link", target, 0), EINVAL);
    CHECK_EQUAL(lstat("link", &status), 0);
    CHECK(S_ISLNK(status.st_mode));
    CHECK_EQUAL(status.st_size, 4);
    CHECK_EQUAL(stat("link", &status), 0);
    CHECK(S_ISREG(status.st_mode));
    CHECK_ERROR(symlink("x", "link"), EEXIST);
    CHECK_ERROR(symlink("", "empty"), ENOENT);
    CHECK_ERROR(open("link", O_RDONLY | O_NOFOLLOW), ELOOP);
    int fd = open("link", O_PATH | O_NOFOLLOW);
    CHECK(fd >= 0);
    CHECK_EQUAL(readlinkat(fd, "", target, sizeof target), 4);
    CHECK_ERROR(read(fd, target, 1), EBADF);
    CHECK_EQUAL(symlink("nowhere", "dangling"), 0);
    CHECK_ERROR(open("dangling", O_RDONLY), ENOENT);
    CHECK_ERROR(open("dangling", O_WRONLY | O_CREAT | O_EXCL, 0644), EEXIST);
    fd = open("dangling", O_WRONLY | O_CREAT, 0644); // makes what it points to
    CHECK(fd >= 0);
    CHECK_EQUAL(access("nowhere", F_OK), 0);
    CHECK_EQUAL(mkdir("folder", 0755), 0);
    CHECK_EQUAL(symlink("folder", "way"), 0);
    make("way/inside");
    CHECK_EQUAL(access("folder/inside", F_OK), 0);
    CHECK_ERROR(rmdir("way"), ENOTDIR);
    CHECK_EQUAL(unlink("way"), 0);
}

static void loops(void) {
    CHECK_EQUAL(symlink("b", "a"), 0);
    CHECK_EQUAL(symlink("a", "b"), 0);
    CHECK_ERROR(open("a", O_RDONLY), ELOOP);
    CHECK_ERROR(stat("a/x", &status), ELOOP);
    char name[16], next[16];
    make("end");
    for (int i = 0; i < 45; i++) {
        snprintf(name, sizeof name, "l%d", i);
        if (i == 0)
            strcpy(next, "end");
        else
            snprintf(next, sizeof next, "l%d", i - 1);
        CHECK_EQUAL(symlink(next, name), 0);
    }
    CHECK_EQUAL(stat("l39", &status), 0); // 40 links are followed
    CHECK_ERROR(stat("l40", &status), ELOOP);
}

static void renaming_files(void) {
    make("a");
    make("b");
    ino_t first = inode("a");
    CHECK_EQUAL(rename("a", "b"), 0);
    CHECK_EQUAL(inode("b"), first);
    CHECK_ERROR(rename("a", "c"), ENOENT);
    CHECK_EQUAL(rename("b", "b"), 0);
    CHECK_EQUAL(link("b", "c"), 0);
    CHECK_EQUAL(rename("b", "c"), 0); // two names of one file: nothing happens
    CHECK_EQUAL(access("b", F_OK), 0);
    CHECK_EQUAL(mkdir("folder", 0755), 0);
    CHECK_ERROR(rename("b", "folder"), EISDIR);
    CHECK_ERROR(rename("folder", "b"), ENOTDIR);
    CHECK_EQUAL(rename("b", "folder/b"), 0);
    CHECK_ERROR(rename("folder/b", "missing/b"), ENOENT);
}

static void renaming_folders(void) {
    CHECK_EQUAL(mkdir("a", 0755), 0);
    CHECK_EQUAL(mkdir("a/inner", 0755), 0);
    CHECK_ERROR(rename("a", "a/inner/x"), EINVAL);
    CHECK_EQUAL(mkdir("empty", 0755), 0);
    CHECK_EQUAL(rename("a", "empty"), 0);
    CHECK_EQUAL(access("empty/inner", F_OK), 0);
    CHECK_EQUAL(mkdir("other", 0755), 0);
    CHECK_ERROR(rename("other", "empty"), ENOTEMPTY);
    CHECK_EQUAL(rename("empty/inner", "other/inner"), 0);
    CHECK_EQUAL(chdir("other/inner"), 0);
    CHECK_EQUAL(inode(".."), inode("../../other"));
    CHECK_EQUAL(chdir("../.."), 0);
    inode("empty");
    CHECK_EQUAL(status.st_nlink, 2);
    inode("other");
    CHECK_EQUAL(status.st_nlink, 3);
    CHECK_ERROR(rename("other/.", "x"), EBUSY);
}

static void rename_flags(void) {
    make("a");
    make("b");
    ino_t a = inode("a"), b = inode("b");
    CHECK_ERROR(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "b", RENAME_NOREPLACE), EEXIST);
    CHECK_EQUAL(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "b", RENAME_EXCHANGE), 0);
    CHECK(inode("a") == b && inode("b") == a);
    CHECK_ERROR(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "b", 0x100), EINVAL);
    CHECK_EQUAL(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "c", RENAME_NOREPLACE), 0);
}

// Every name exactly once, in however many calls.
static void reading(void) {
    enum { count = 300 };
    char name[32];
    bool seen[count] = {false};
    CHECK_EQUAL(mkdir("d", 0755), 0);
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "d/entry-%d", i);
        make(name);
    }
    DIR* folder = opendir("d");
    CHECK(folder != NULL);
    int dots = 0, files = 0;
    for (struct dirent* entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.') {
            dots++;
            CHECK_EQUAL(entry->d_type, DT_DIR);
            continue;
        }
        int number = atoi(entry->d_name + 6);
        CHECK(number >= 0 && number < count && !seen[number]);
        seen[number] = true;
        CHECK_EQUAL(entry->d_type, DT_REG);
        files++;
    }
    CHECK_EQUAL(dots, 2);
    CHECK_EQUAL(files, count);
    rewinddir(folder);
    CHECK(readdir(folder) != NULL);
    long place = telldir(folder);
    struct dirent* entry = readdir(folder);
    CHECK(entry != NULL);
    strcpy(name, entry->d_name);
    for (int i = 0; i < 20; i++)
        readdir(folder);
    seekdir(folder, place);
    entry = readdir(folder);
    CHECK(entry != NULL && strcmp(entry->d_name, name) == 0);
    closedir(folder);
}

// Removing while reading, as rm -r does.
static void removing_while_reading(void) {
    char name[32];
    CHECK_EQUAL(mkdir("d", 0755), 0);
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "d/%d", i);
        make(name);
    }
    DIR* folder = opendir("d");
    for (struct dirent* entry; (entry = readdir(folder)) != NULL;)
        if (entry->d_name[0] != '.')
            CHECK_EQUAL(unlinkat(dirfd(folder), entry->d_name, 0), 0);
    closedir(folder);
    CHECK_EQUAL(rmdir("d"), 0);
}

static void reading_errors(void) {
    char small[16], large[1024];
    make("file");
    int file = open("file", O_RDONLY), folder = open(".", O_RDONLY | O_DIRECTORY);
    CHECK_ERROR(syscall(SYS_getdents64, file, large, sizeof large), ENOTDIR);
    CHECK_ERROR(syscall(SYS_getdents64, folder, small, sizeof small), EINVAL);
    CHECK_ERROR(read(folder, large, sizeof large), EISDIR);
    CHECK(syscall(SYS_getdents64, folder, large, sizeof large) > 0);
    CHECK_EQUAL(syscall(SYS_getdents64, folder, large, sizeof large), 0);
    CHECK_EQUAL(lseek(folder, 0, SEEK_SET), 0);
    CHECK(syscall(SYS_getdents64, folder, large, sizeof large) > 0);
}

static void working_directory(void) {
    char start[PATH_MAX], here[PATH_MAX], expected[PATH_MAX + 8];
    CHECK(getcwd(start, sizeof start) != NULL);
    CHECK_EQUAL(mkdir("a", 0755), 0);
    CHECK_EQUAL(chdir("a"), 0);
    CHECK(getcwd(here, sizeof here) != NULL);
    snprintf(expected, sizeof expected, "%s/a", start);
    CHECK_EQUAL(strcmp(here, expected), 0);
    CHECK_ERROR(syscall(SYS_getcwd, here, 3), ERANGE);
    CHECK_EQUAL(syscall(SYS_getcwd, here, sizeof here), strlen(expected) + 1);
    CHECK_EQUAL(rmdir("../a"), 0);
    CHECK_ERROR(syscall(SYS_getcwd, here, sizeof here), ENOENT);
    CHECK_ERROR(open("file", O_CREAT | O_RDWR, 0644), ENOENT);
    CHECK_EQUAL(chdir(start), 0);
    make("file");
    CHECK_ERROR(chdir("file"), ENOTDIR);
    CHECK_ERROR(chdir("missing"), ENOENT);
    int fd = open("/", O_RDONLY);
    CHECK_EQUAL(fchdir(fd), 0);
    CHECK_EQUAL(strcmp(getcwd(here, sizeof here), "/"), 0);
    CHECK_EQUAL(inode("/.."), inode("/"));
}

static void relative_to_folder(void) {
    CHECK_EQUAL(mkdir("a", 0755), 0);
    int folder = open("a", O_RDONLY | O_DIRECTORY), path = open("a", O_PATH);
    make("file");
    CHECK_EQUAL(mkdirat(folder, "b", 0755), 0);
    int fd = openat(path, "b/new", O_CREAT | O_RDWR, 0644);
    CHECK(fd >= 0);
    CHECK_EQUAL(access("a/b/new", F_OK), 0);
    CHECK_EQUAL(linkat(folder, "b/new", AT_FDCWD, "twin", 0), 0);
    CHECK_EQUAL(symlinkat("b", folder, "s"), 0);
    CHECK_EQUAL(renameat(folder, "s", AT_FDCWD, "s"), 0);
    CHECK_EQUAL(faccessat(folder, "b", F_OK, 0), 0);
    CHECK_ERROR(openat(fd, "x", O_RDONLY), ENOTDIR);
    CHECK_ERROR(openat(99, "x", O_RDONLY), EBADF);
}

static void dots_and_slashes(void) {
    CHECK_EQUAL(mkdir("a", 0755), 0);
    make("a/file");
    CHECK_EQUAL(inode("a//file"), inode("./a/../a/./file"));
    CHECK_EQUAL(inode("a/"), inode("a/."));
    CHECK_ERROR(stat("a/file/.", &status), ENOTDIR);
    CHECK_ERROR(stat("a/file/..", &status), ENOTDIR);
    CHECK_ERROR(link("a/file", "a/"), EEXIST);
    CHECK_ERROR(mkdir(".", 0755), EEXIST);
    CHECK_ERROR(mkdir("/", 0755), EEXIST);
}

static void deep(void) {
    char name[] = "0123456789";
    for (int i = 0; i < 300; i++) {
        CHECK_EQUAL(mkdir(name, 0755), 0);
        CHECK_EQUAL(chdir(name), 0);
    }
    char here[PATH_MAX];
    CHECK(getcwd(here, sizeof here) != NULL);
    CHECK_EQUAL(strlen(here) > 3300, 1);
    for (int i = 0; i < 300; i++) {
        CHECK_EQUAL(chdir(".."), 0);
        CHECK_EQUAL(rmdir(name), 0);
    }
}

static void devices_and_modes(void) {
    CHECK_EQUAL(mknod("null", S_IFCHR | 0666, 0x103), 0);
    int fd = open("null", O_RDWR);
    CHECK(fd >= 0);
    CHECK_EQUAL(write(fd, "x", 1), 1);
    CHECK_EQUAL(mknod("plain", S_IFREG | 0600, 0), 0);
    CHECK_EQUAL(stat("plain", &status), 0);
    CHECK(S_ISREG(status.st_mode));
    CHECK_EQUAL(mknod("nothing", S_IFCHR | 0600, 0xfe12), 0);
    CHECK_ERROR(open("nothing", O_RDWR), ENXIO);
}

static const struct test tests[] = {
    TEST(folders),
    TEST(link_counts),
    TEST(hard_links),
    TEST(symbolic_links),
    TEST(loops),
    TEST(renaming_files),
    TEST(renaming_folders),
    TEST(rename_flags),
    TEST(reading),
    TEST(removing_while_reading),
    TEST(reading_errors),
    TEST(working_directory),
    TEST(relative_to_folder),
    TEST(dots_and_slashes),
    TEST(deep),
    TEST(devices_and_modes),
};

int main(int argc, char** argv) {
    return RUN_TESTS(tests, argc, argv);
}

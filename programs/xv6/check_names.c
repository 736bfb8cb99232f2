// Names: mknod, unlink, link, mkdir, chdir; directories as files; the limits of names and paths.
#include "check.h"

static int links_of(const char* path) {
    struct stat stat;
    const int fd = open(path, O_RDONLY);
    CHECK(fd >= 0);
    CHECK_EQUAL(fstat(fd, &stat), 0);
    close(fd);
    return stat.nlink;
}

static void links(void) {
    close(file_with("links.a", "abc"));
    CHECK_EQUAL(link("links.a", "links.b"), 0);
    CHECK_EQUAL(links_of("links.b"), 2);
    CHECK_EQUAL(link("links.a", "links.b"), -1);
    CHECK_EQUAL(unlink("links.a"), 0);
    CHECK_EQUAL(open("links.a", O_RDONLY), -1);
    CHECK_EQUAL(links_of("links.b"), 1);
    CHECK_EQUAL(link("links.a", "links.c"), -1);
    CHECK_EQUAL(link(".", "links.c"), -1);
    CHECK_EQUAL(link("links.b", "no.such/dir"), -1);
    CHECK_EQUAL(unlink("links.b"), 0);
    CHECK_EQUAL(unlink("links.b"), -1);
}

static void directories(void) {
    CHECK_EQUAL(mkdir("dirs"), 0);
    CHECK_EQUAL(mkdir("dirs"), -1);
    CHECK_EQUAL(mkdir("dirs/a"), 0);
    CHECK_EQUAL(mkdir("no.such/dir"), -1);
    CHECK_EQUAL(unlink("dirs"), -1); // not empty
    CHECK_EQUAL(unlink("dirs/."), -1);
    CHECK_EQUAL(unlink("dirs/.."), -1);
    CHECK_EQUAL(chdir("dirs/a"), 0);
    CHECK_EQUAL(chdir("../../dirs/a/"), 0);
    close(file_with("f", "x"));
    CHECK_EQUAL(chdir("f"), -1);
    CHECK_EQUAL(chdir("f/.."), -1);
    CHECK_EQUAL(mkdir("f/x"), -1);
    CHECK_EQUAL(open("f/x", O_CREATE), -1);
    CHECK_EQUAL(chdir(".."), 0);
    CHECK_EQUAL(unlink("a"), -1);
    CHECK_EQUAL(unlink("a/f"), 0);
    CHECK_EQUAL(unlink("a"), 0);
    CHECK_EQUAL(open(".", O_RDWR), -1);
    CHECK_EQUAL(open(".", O_CREATE), -1);
    CHECK_EQUAL(open(".", O_TRUNC), -1);
    const int fd = open(".", O_RDONLY);
    CHECK(fd >= 0);
    CHECK(write(fd, "x", 1) <= 0);
    close(fd);
    CHECK_EQUAL(chdir(".."), 0);
    CHECK_EQUAL(unlink("dirs"), 0);
}

static void directory_is_gone(void) {
    CHECK_EQUAL(mkdir("gone"), 0);
    CHECK_EQUAL(chdir("gone"), 0);
    CHECK_EQUAL(unlink("../gone"), 0);
    CHECK(open("x", O_RDONLY) < 0);
    CHECK_EQUAL(chdir("/"), 0);
}

static void deep(void) {
    for (int i = 0; i < 50; i++) {
        CHECK_EQUAL(mkdir("deep"), 0);
        CHECK_EQUAL(chdir("deep"), 0);
        CHECK_EQUAL(mkdir(""), -1);
        CHECK_EQUAL(open("", O_CREATE), -1);
        CHECK_EQUAL(unlink(""), -1);
        CHECK_EQUAL(mknod("", 1, 1), -1);
    }
    for (int i = 0; i < 50; i++) {
        CHECK_EQUAL(chdir(".."), 0);
        CHECK_EQUAL(unlink("deep"), 0);
    }
}

// The empty path is the working directory.
static void empty_path(void) {
    const int fd = open("", O_RDONLY);
    CHECK(fd >= 0);
    struct stat here, dot;
    CHECK_EQUAL(fstat(fd, &here), 0);
    const int second = open(".", O_RDONLY);
    CHECK_EQUAL(fstat(second, &dot), 0);
    CHECK_EQUAL(here.ino, dot.ino);
    CHECK_EQUAL(chdir(""), 0);
}

// xv6 cuts names at 14 bytes and says nothing.
static void fourteen(void) {
    CHECK_EQUAL(mkdir("12345678901234"), 0);
    CHECK_EQUAL(mkdir("12345678901234/123456789012345"), 0);
    int fd = open("123456789012345/123456789012345/123456789012345", O_CREATE);
    CHECK(fd >= 0);
    close(fd);
    fd = open("12345678901234/12345678901234/12345678901234", O_RDONLY);
    CHECK(fd >= 0);
    close(fd);
    CHECK_EQUAL(mkdir("12345678901234/12345678901234"), -1);
    CHECK_EQUAL(mkdir("123456789012345/12345678901234"), -1);
    CHECK_EQUAL(unlink("123456789012345/12345678901234/1234567890123456"), 0);
    CHECK_EQUAL(unlink("123456789012345/12345678901234"), 0);
    CHECK_EQUAL(unlink("123456789012345"), 0);
}

// Paths are shorter than 128 bytes.
static void longest_path(void) {
    static char path[200];
    close(file_with("p", "x"));
    for (int bytes = 125; bytes < 130; bytes++) {
        fill(path, '/', sizeof path);
        path[0] = '.';
        path[bytes - 1] = 'p';
        path[bytes] = 0;
        const int fd = open(path, O_RDONLY);
        CHECK_EQUAL(fd >= 0, bytes <= 127);
        close(fd);
    }
    fill(path, 'b', 128);
    path[128] = 0;
    CHECK_EQUAL(unlink(path), -1);
    CHECK_EQUAL(open(path, O_CREATE), -1);
    CHECK_EQUAL(link(path, path), -1);
    CHECK_EQUAL(mkdir(path), -1);
    CHECK_EQUAL(mknod(path, 1, 1), -1);
    CHECK_EQUAL(unlink("p"), 0);
}

static int find(const char* directory, const char* name) {
    const int fd = open(directory, O_RDONLY);
    CHECK(fd >= 0);
    struct entry entry;
    int found = 0, got;
    while ((got = read(fd, &entry, sizeof entry)) == sizeof entry) {
        char text[NAME_BYTES + 1] = {0};
        for (int i = 0; i < NAME_BYTES; i++)
            text[i] = entry.name[i];
        if (entry.ino != 0 && same(text, name))
            found++;
    }
    CHECK_EQUAL(got, 0);
    close(fd);
    return found;
}

static void read_directory(void) {
    CHECK_EQUAL(mkdir("listing"), 0);
    close(file_with("listing/one", "1"));
    close(file_with("listing/fourteen.bytes", "2"));
    CHECK_EQUAL(find("listing", "."), 1);
    CHECK_EQUAL(find("listing", ".."), 1);
    CHECK_EQUAL(find("listing", "one"), 1);
    CHECK_EQUAL(find("listing", "fourteen.bytes"), 1);
    CHECK_EQUAL(find("listing", "two"), 0);
    CHECK_EQUAL(unlink("listing/one"), 0);
    CHECK_EQUAL(find("listing", "one"), 0);
    CHECK_EQUAL(unlink("listing/fourteen.bytes"), 0);
    CHECK_EQUAL(unlink("listing"), 0);
}

static void large_directory(void) {
    enum { COUNT = 200 };
    char name[] = "x00";
    CHECK_EQUAL(mkdir("large"), 0);
    CHECK_EQUAL(chdir("large"), 0);
    close(file_with("base", "x"));
    for (int i = 0; i < COUNT; i++) {
        name[1] = (char)('0' + i / 64);
        name[2] = (char)('0' + i % 64);
        if (name[2] == '/')
            continue;
        CHECK_EQUAL(link("base", name), 0);
    }
    CHECK_EQUAL(unlink("base"), 0);
    for (int i = 0; i < COUNT; i++) {
        name[1] = (char)('0' + i / 64);
        name[2] = (char)('0' + i % 64);
        if (name[2] != '/')
            CHECK_EQUAL(unlink(name), 0);
    }
    CHECK_EQUAL(chdir(".."), 0);
    CHECK_EQUAL(unlink("large"), 0);
}

static void devices(void) {
    CHECK_EQUAL(mknod("dev.1", 1, 0), 0);
    CHECK_EQUAL(mknod("dev.1", 1, 0), -1);
    CHECK_EQUAL(mknod("dev.2", 77, 0), 0); // any number has a name, but nothing is behind it
    CHECK_EQUAL(open("dev.2", O_RDWR), -1);
    CHECK_EQUAL(unlink("dev.1"), 0);
    CHECK_EQUAL(unlink("dev.2"), 0);
}

static void bad_strings(void) {
    for (int i = 0; i < bad_pointer_count; i++) {
        const char* const bad = (const char*)bad_pointers[i];
        CHECK_EQUAL(unlink(bad), -1);
        CHECK_EQUAL(link(bad, "x"), -1);
        CHECK_EQUAL(link(".", bad), -1);
        CHECK_EQUAL(mkdir(bad), -1);
        CHECK_EQUAL(chdir(bad), -1);
        CHECK_EQUAL(mknod(bad, 1, 1), -1);
        CHECK_EQUAL(open(bad, O_RDONLY), -1);
    }
    // A string that runs off the end of memory.
    char* const edge = sbrk(PAGE) + PAGE - 1;
    *edge = 'x';
    CHECK_EQUAL(unlink(edge), -1);
    CHECK_EQUAL(open(edge, O_CREATE), -1);
    CHECK_EQUAL(mkdir(edge), -1);
    CHECK_EQUAL(link(edge, edge), -1);
}

static const struct test tests[] = {
    TEST(links),        TEST(directories),    TEST(directory_is_gone), TEST(deep),    TEST(empty_path),  TEST(fourteen),
    TEST(longest_path), TEST(read_directory), TEST(large_directory),   TEST(devices), TEST(bad_strings),
};

int main(int argc, char** argv) {
    return RUN_TESTS(tests, argc, argv);
}

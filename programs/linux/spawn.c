// spawn [COUNT]: COUNT (10000) times fork, exec of this program, exit, wait. Afterwards as much memory must be free as
// before: the kernel's own count of free frames (/proc/tetrapylon/frames, when there) must be the same to the frame;
// MemFree of /proc/meminfo may differ by what caches take. Prints "ok spawn" or "FAILED spawn: reason".
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// The number after KEY in a file of /proc, -1 when there is none. An empty key: the first number of the file.
static long number_in(const char* path, const char* key) {
    char line[256];
    long value = -1;
    FILE* file = fopen(path, "r");
    while (file != NULL && value < 0 && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, key, strlen(key)) == 0)
            value = strtol(line + strlen(key), NULL, 10);
    if (file != NULL)
        fclose(file);
    return value;
}

static int spawn_once(const char* program) {
    pid_t child = fork();
    if (child < 0)
        return -1;
    if (child == 0) {
        char* const arguments[] = {"spawn", "exit", NULL};
        char* const environment[] = {NULL};
        execve(program, arguments, environment);
        _exit(127);
    }
    int status;
    if (waitpid(child, &status, 0) != child)
        return -1;
    errno = 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == 42 ? 0 : -1;
}

static int spawn_many(const char* program, int first, int count) {
    for (int i = first; i < first + count; i++)
        if (spawn_once(program) != 0) {
            printf("FAILED spawn: child %d (errno %d)\n", i, errno);
            return -1;
        }
    return 0;
}

// The number of free frames once what the last child left has been collected.
static long settle(long goal) {
    long frames = -1;
    for (int tries = 0; tries < 200; tries++) {
        frames = number_in("/proc/tetrapylon/frames", "free ");
        if (frames < 0)
            frames = number_in("/proc/tetrapylon/frames", "");
        if (frames == goal)
            break;
        usleep(5000);
    }
    return frames;
}

int main(int argc, char** argv) {
    if (argc > 1 && strcmp(argv[1], "exit") == 0)
        _exit(42);
    int count = argc > 1 ? atoi(argv[1]) : 10000;
    const char* program = "/proc/self/exe";
    char path[256];
    ssize_t length = readlink(program, path, sizeof path - 1);
    if (length > 0) {
        path[length] = 0;
        program = path;
    }
    // The first children fill caches and pools that the kernel keeps.
    if (spawn_many(program, 0, 50) != 0)
        return 1;
    settle(-2);
    long frames = settle(-2), memory = number_in("/proc/meminfo", "MemFree:");
    if (spawn_many(program, 50, count) != 0)
        return 1;
    long frames_after = settle(frames), memory_after = number_in("/proc/meminfo", "MemFree:");
    fprintf(
        stderr, "spawn: free frames %ld before, %ld after; MemFree %ld kB before, %ld kB after\n", frames, frames_after,
        memory, memory_after);
    if (frames != frames_after)
        printf("FAILED spawn: %ld frames were free before, %ld after\n", frames, frames_after);
    else if (memory - memory_after > 4096)
        printf("FAILED spawn: %ld kB were free before, %ld kB after\n", memory, memory_after);
    else
        printf("ok spawn\n");
    return frames != frames_after || memory - memory_after > 4096;
}

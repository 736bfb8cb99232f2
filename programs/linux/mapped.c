// mapped FILE TEXT: stores TEXT at the start of an existing file through a shared mapping, says so when msync has
// brought it to the medium, and waits for its end.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char** argv) {
    const int fd = argc == 3 ? open(argv[1], O_RDWR) : -1;
    if (fd < 0)
        return 1;
    char* const bytes = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED)
        return 2;
    memcpy(bytes, argv[2], strlen(argv[2]));
    if (msync(bytes, 4096, MS_SYNC) != 0)
        return 3;
    puts("synced");
    fflush(stdout);
    pause();
}

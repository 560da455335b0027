/* Makes every flush take longer: preloaded into a node, it stands before the C library.
 *
 * SLOW_FLUSH_US: microseconds added to each fsync and fdatasync.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static void wait_longer(void) {
    const char *text = getenv("SLOW_FLUSH_US");
    long left = text ? atol(text) : 0;
    struct timespec wait = {left / 1000000, left % 1000000 * 1000};
    while (nanosleep(&wait, &wait) != 0) {
    }
}

int fsync(int file) {
    int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    wait_longer();
    return next(file);
}

int fdatasync(int file) {
    int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    wait_longer();
    return next(file);
}

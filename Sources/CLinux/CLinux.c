#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>

int clinux_accept(int listener, struct sockaddr_storage *peer) {
    socklen_t length = sizeof(*peer);
    return accept4(listener, (struct sockaddr *)peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int clinux_usable_processors(void) {
    /* A kernel that was built for more processors than the set has places for refuses with EINVAL. */
    for (int places = CPU_SETSIZE; places <= 1 << 20; places *= 2) {
        cpu_set_t *set = CPU_ALLOC(places);
        if (set == NULL) {
            return 1;
        }
        int result = sched_getaffinity(0, CPU_ALLOC_SIZE(places), set);
        int code = errno;
        int count = result == 0 ? CPU_COUNT_S(CPU_ALLOC_SIZE(places), set) : 0;
        CPU_FREE(set);
        if (count > 0) {
            return count;
        }
        if (result == 0 || code != EINVAL) {
            return 1;
        }
    }
    return 1;
}

void clinux_name_thread(const char *name) {
    pthread_setname_np(pthread_self(), name);
}

size_t clinux_heap_used(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

void clinux_heap_map_from(int bytes) {
    mallopt(M_MMAP_THRESHOLD, bytes);
}

void clinux_heap_trim(void) {
    malloc_trim(0);
}

void clinux_wake_precisely(void) {
    prctl(PR_SET_TIMERSLACK, 1UL);
}

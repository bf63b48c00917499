#define _GNU_SOURCE
#include "CLinux.h"

#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>

int clinux_accept(int listener, struct sockaddr_storage *peer) {
    socklen_t length = sizeof(*peer);
    return accept4(listener, (struct sockaddr *)peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int clinux_usable_processors(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) != 0) {
        return 1;
    }
    int count = CPU_COUNT(&set);
    return count > 0 ? count : 1;
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

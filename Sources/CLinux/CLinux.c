#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
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

/* Room for the sizes through which one message grows, and for some that are being sent. Four messages of a mebibyte fit,
   with their headers. */
enum { KEPT_BLOCKS = 12, MOST_KEPT_BYTES = (4 << 20) + (64 << 10) };

struct block {
    void *memory;
    size_t capacity;
};

static _Thread_local struct block kept[KEPT_BLOCKS];
static _Thread_local size_t kept_bytes;
static _Thread_local int is_used;

/* The place of the smallest, or the largest, of the blocks from `wanted` to `most` bytes; -1 if none is kept. */
static int place_of(size_t wanted, size_t most, int is_largest) {
    int best = -1;
    for (int place = 0; place < KEPT_BLOCKS; place += 1) {
        size_t capacity = kept[place].capacity;
        int fits = capacity >= wanted && capacity <= most;
        if (fits && (best < 0 || (capacity > kept[best].capacity) == is_largest)) {
            best = place;
        }
    }
    return best;
}

static void *take(int best, size_t wanted, size_t *capacity) {
    if (best < 0) {
        *capacity = wanted;
        return malloc(wanted);
    }
    struct block block = kept[best];
    kept[best] = (struct block){NULL, 0};
    kept_bytes -= block.capacity;
    is_used = 1;
    *capacity = block.capacity;
    return block.memory;
}

void *clinux_block_take(size_t wanted, size_t *capacity) {
    return take(place_of(wanted, 2 * wanted, 0), wanted, capacity);
}

void *clinux_block_take_largest(size_t wanted, size_t most, size_t *capacity) {
    return take(place_of(wanted, most, 1), wanted, capacity);
}

void clinux_block_give_back(void *memory, size_t capacity) {
    for (int place = 0; place < KEPT_BLOCKS && kept_bytes + capacity <= MOST_KEPT_BYTES; place += 1) {
        if (kept[place].memory == NULL) {
            kept[place] = (struct block){memory, capacity};
            kept_bytes += capacity;
            return;
        }
    }
    free(memory);
}

size_t clinux_blocks_kept(void) {
    return kept_bytes;
}

void clinux_blocks_free(void) {
    for (int place = 0; place < KEPT_BLOCKS; place += 1) {
        free(kept[place].memory);
        kept[place] = (struct block){NULL, 0};
    }
    kept_bytes = 0;
}

void clinux_blocks_trim(void) {
    if (!is_used) {
        clinux_blocks_free();
    }
    is_used = 0;
}

void clinux_heap_trim(void) {
    malloc_trim(0);
}

void clinux_wake_precisely(void) {
    prctl(PR_SET_TIMERSLACK, 1UL);
}

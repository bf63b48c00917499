/* A kernel that fails, preloaded into the relay: some of its system calls fail or do less than they could.
 *
 * Each call may fail with the probability that its kind has, as a real kernel's may. A call that fails has done
 * nothing, and one that does less has done what it says. The counts are in a file that the test maps too; nothing fails
 * before the test says so there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum kind {
    ACCEPT_ABORTED, ACCEPT_REFUSED, ACCEPT_EXHAUSTED, SEND_SHORT, SEND_AGAIN, SEND_RESET, SEND_NO_BUFFERS,
    RECEIVE_SHORT, RECEIVE_AGAIN, RECEIVE_RESET, WATCH_REFUSED, WAKE_REFUSED, RING_SHORT, RING_REFUSED,
    RING_INTERRUPTED, RING_FAILS,
    KINDS
};

struct shared {
    uint64_t is_failing;
    uint64_t counts[KINDS];
};

static struct shared nothing;
static struct shared *shared = &nothing;
/* Of a million. */
static uint32_t rates[KINDS];
static uint64_t seed;

static uint32_t roll(void) {
    static uint64_t threads;
    static __thread uint64_t state;
    if (state == 0) {
        state = (seed + __atomic_add_fetch(&threads, 1, __ATOMIC_RELAXED)) * 0x9E3779B97F4A7C15u | 1;
    }
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32);
}

static bool strikes(enum kind kind) {
    if (!__atomic_load_n(&shared->is_failing, __ATOMIC_RELAXED) || roll() % 1000000 >= rates[kind]) {
        return false;
    }
    __atomic_fetch_add(&shared->counts[kind], 1, __ATOMIC_RELAXED);
    return true;
}

static int fails_with(int reason) {
    errno = reason;
    return -1;
}

static int one_of(int a, int b) {
    return roll() % 2 ? a : b;
}

/* A part of a length, never nothing. */
static size_t less(size_t length) {
    return length > 1 ? 1 + roll() % (length - 1) : length;
}

/* The C library's own function, looked up when it is first called: other libraries start before this one. */
static void *found(void **place, const char *name) {
    void *function = __atomic_load_n(place, __ATOMIC_RELAXED);
    if (!function) {
        function = dlsym(RTLD_NEXT, name);
        __atomic_store_n(place, function, __ATOMIC_RELAXED);
    }
    return function;
}

static void *real[6];
#define REAL(place, type, name) ((type)found(&real[place], name))
#define REAL_ACCEPT4 REAL(0, int (*)(int, struct sockaddr *, socklen_t *, int), "accept4")
#define REAL_SEND REAL(1, ssize_t (*)(int, const void *, size_t, int), "send")
#define REAL_RECV REAL(2, ssize_t (*)(int, void *, size_t, int), "recv")
#define REAL_EPOLL_CTL REAL(3, int (*)(int, int, int, struct epoll_event *), "epoll_ctl")
#define REAL_EVENTFD_WRITE REAL(4, int (*)(int, eventfd_t), "eventfd_write")
#define REAL_SYSCALL REAL(5, long (*)(long, ...), "syscall")

int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags) {
    if (strikes(ACCEPT_ABORTED)) {
        return fails_with(ECONNABORTED);
    }
    if (strikes(ACCEPT_REFUSED)) {
        return fails_with(one_of(EPERM, EPROTO));
    }
    if (strikes(ACCEPT_EXHAUSTED)) {
        return fails_with(one_of(EMFILE, one_of(ENFILE, ENOBUFS)));
    }
    return REAL_ACCEPT4(listener, address, length, flags);
}

ssize_t send(int socket, const void *bytes, size_t count, int flags) {
    if (strikes(SEND_AGAIN)) {
        return fails_with(EAGAIN);
    }
    if (strikes(SEND_RESET)) {
        return fails_with(one_of(ECONNRESET, EPIPE));
    }
    if (strikes(SEND_NO_BUFFERS)) {
        return fails_with(ENOBUFS);
    }
    return REAL_SEND(socket, bytes, strikes(SEND_SHORT) ? less(count) : count, flags);
}

ssize_t recv(int socket, void *bytes, size_t count, int flags) {
    if (strikes(RECEIVE_AGAIN)) {
        return fails_with(EAGAIN);
    }
    if (strikes(RECEIVE_RESET)) {
        return fails_with(one_of(ECONNRESET, ETIMEDOUT));
    }
    return REAL_RECV(socket, bytes, strikes(RECEIVE_SHORT) ? less(count < 200 ? count : 200) : count, flags);
}

int epoll_ctl(int poller, int operation, int descriptor, struct epoll_event *event) {
    if (operation != EPOLL_CTL_DEL && strikes(WATCH_REFUSED)) {
        return fails_with(one_of(ENOMEM, ENOSPC));
    }
    return REAL_EPOLL_CTL(poller, operation, descriptor, event);
}

/* Fails once, or so often that trying again does not help. Not with EAGAIN: that says that the counter is full. */
int eventfd_write(int descriptor, eventfd_t value) {
    static __thread uint32_t left;
    if (left == 0 && strikes(WAKE_REFUSED)) {
        left = roll() % 4 ? 1 : 20;
    }
    if (left > 0) {
        left--;
        return fails_with(one_of(EINTR, ENOMEM));
    }
    return REAL_EVENTFD_WRITE(descriptor, value);
}

/* ---- io_uring, which the relay enters by syscall() ---- */

/* The queue of a ring, mapped once more, so that what was queued can be made to fail. */
struct ring {
    uint32_t *head;
    uint32_t mask;
    struct io_uring_sqe *entries;
};

enum { MOST_DESCRIPTORS = 1024 };
static struct ring rings[MOST_DESCRIPTORS];

static void note_ring(int descriptor, const struct io_uring_params *parameters) {
    if (descriptor < 0 || descriptor >= MOST_DESCRIPTORS) {
        return;
    }
    size_t size = parameters->sq_off.array + parameters->sq_entries * sizeof(uint32_t);
    char *queue = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, IORING_OFF_SQ_RING);
    void *entries = mmap(
        NULL, parameters->sq_entries * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor,
        IORING_OFF_SQES);
    if (queue == MAP_FAILED || entries == MAP_FAILED) {
        perror("faults: io_uring");
        _exit(1);
    }
    rings[descriptor] = (struct ring){
        (uint32_t *)(queue + parameters->sq_off.head), *(uint32_t *)(queue + parameters->sq_off.ring_mask), entries};
}

/* Makes some of the entries do less, or fail: with another descriptor than theirs the kernel refuses them. */
static void spoil(const struct ring *ring, uint32_t count) {
    if (!ring->entries) {
        return;
    }
    uint32_t first = __atomic_load_n(ring->head, __ATOMIC_ACQUIRE);
    for (uint32_t index = 0; index < count; index++) {
        struct io_uring_sqe *entry = &ring->entries[(first + index) & ring->mask];
        if (strikes(RING_SHORT)) {
            entry->len = less(entry->len);
        }
        if (strikes(RING_REFUSED)) {
            entry->fd = -1;
        }
    }
}

static long enter(int descriptor, uint32_t submitted, uint32_t wanted, uint32_t flags) {
    if (strikes(RING_FAILS)) {
        return fails_with(one_of(ENOMEM, one_of(EAGAIN, EBUSY)));
    }
    if (submitted == 0 && strikes(RING_INTERRUPTED)) {
        return fails_with(EINTR);
    }
    if (descriptor >= 0 && descriptor < MOST_DESCRIPTORS) {
        spoil(&rings[descriptor], submitted);
    }
    /* As by a signal in the wait, after some or all were submitted. */
    if (submitted > 0 && strikes(RING_INTERRUPTED)) {
        return REAL_SYSCALL(__NR_io_uring_enter, descriptor, submitted, 0, 0, NULL, 0);
    }
    return REAL_SYSCALL(__NR_io_uring_enter, descriptor, submitted, wanted, flags, NULL, 0);
}

long syscall(long number, ...) {
    long values[6];
    va_list list;
    va_start(list, number);
    for (int index = 0; index < 6; index++) {
        values[index] = va_arg(list, long);
    }
    va_end(list);
    if (number == __NR_io_uring_enter) {
        return enter((int)values[0], (uint32_t)values[1], (uint32_t)values[2], (uint32_t)values[3]);
    }
    long result = REAL_SYSCALL(number, values[0], values[1], values[2], values[3], values[4], values[5]);
    if (number == __NR_io_uring_setup) {
        note_ring((int)result, (const struct io_uring_params *)values[1]);
    }
    return result;
}

__attribute__((constructor)) static void start(void) {
    const char *rest = getenv("FAULTS_RATES");
    for (int kind = 0; kind < KINDS; kind++) {
        char *end;
        rates[kind] = (uint32_t)strtoul(rest, &end, 10);
        rest = end;
    }
    seed = strtoull(getenv("FAULTS_SEED"), NULL, 10);
    int file = open(getenv("FAULTS_FILE"), O_RDWR);
    void *memory = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED) {
        perror("faults");
        _exit(1);
    }
    close(file);
    shared = memory;
}

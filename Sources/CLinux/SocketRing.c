#define _GNU_SOURCE
#include "SocketRing.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Missing from the headers of older systems; opening the ring shows whether the kernel supports it. */
#ifndef IORING_SETUP_SUBMIT_ALL
#define IORING_SETUP_SUBMIT_ALL (1U << 7)
#endif
#ifndef IORING_SETUP_SINGLE_ISSUER
#define IORING_SETUP_SINGLE_ISSUER (1U << 12)
#endif
#ifndef IORING_SETUP_DEFER_TASKRUN
#define IORING_SETUP_DEFER_TASKRUN (1U << 13)
#endif

/* Only one thread submits, and the kernel does its own work only while that thread waits for it (both since Linux 6.1).
   An entry that fails does not hold up those after it. */
static const uint32_t RING_FLAGS = IORING_SETUP_R_DISABLED | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SINGLE_ISSUER |
    IORING_SETUP_DEFER_TASKRUN;

static void *map(int descriptor, size_t size, off_t offset) {
    return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, descriptor, offset);
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

int clinux_socket_ring_open(struct clinux_socket_ring *ring, uint32_t capacity) {
    struct io_uring_params params;
    memset(&params, 0, sizeof(params));
    params.flags = RING_FLAGS;
    int descriptor = (int)syscall(__NR_io_uring_setup, capacity, &params);
    if (descriptor < 0) {
        return -1;
    }
    /* Kernels that know the flags above map both queues at once. */
    size_t queues_size = larger(
        params.sq_off.array + params.sq_entries * sizeof(uint32_t),
        params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe));
    size_t entries_size = params.sq_entries * sizeof(struct io_uring_sqe);
    char *queues = map(descriptor, queues_size, IORING_OFF_SQ_RING);
    void *entries = queues == MAP_FAILED ? MAP_FAILED : map(descriptor, entries_size, IORING_OFF_SQES);
    if (entries == MAP_FAILED) {
        int reason = errno;
        if (queues != MAP_FAILED) {
            munmap(queues, queues_size);
        }
        close(descriptor);
        errno = reason;
        return -1;
    }
    *ring = (struct clinux_socket_ring){
        .descriptor = descriptor,
        .queues = queues,
        .queues_size = queues_size,
        .entries = entries,
        .entries_size = entries_size,
        .submission_tail = (uint32_t *)(queues + params.sq_off.tail),
        .submission_mask = *(const uint32_t *)(queues + params.sq_off.ring_mask),
        .submission_order = (uint32_t *)(queues + params.sq_off.array),
        .completion_head = (uint32_t *)(queues + params.cq_off.head),
        .completion_tail = (const uint32_t *)(queues + params.cq_off.tail),
        .completion_mask = *(const uint32_t *)(queues + params.cq_off.ring_mask),
        .completions = queues + params.cq_off.cqes,
    };
    for (uint32_t place = 0; place < params.sq_entries; place++) {
        ring->submission_order[place] = place;
    }
    return 0;
}

int clinux_socket_ring_enable(const struct clinux_socket_ring *ring) {
    return (int)syscall(__NR_io_uring_register, ring->descriptor, IORING_REGISTER_ENABLE_RINGS, NULL, 0);
}

void clinux_socket_ring_close(struct clinux_socket_ring *ring) {
    munmap(ring->entries, ring->entries_size);
    munmap(ring->queues, ring->queues_size);
    close(ring->descriptor);
}

/* With MSG_DONTWAIT an entry completes as it is submitted: it never waits for space in the socket, or for data. */
static void add(
    struct clinux_socket_ring *ring, int operation, int socket, const void *bytes, uint32_t count, uint32_t flags,
    uint64_t tag) {
    uint32_t place = (*ring->submission_tail + ring->added) & ring->submission_mask;
    struct io_uring_sqe *entry = (struct io_uring_sqe *)ring->entries + place;
    memset(entry, 0, sizeof(*entry));
    entry->opcode = operation;
    entry->fd = socket;
    entry->addr = (uint64_t)(uintptr_t)bytes;
    entry->len = count;
    entry->msg_flags = MSG_DONTWAIT | flags;
    entry->user_data = tag;
    ring->added++;
}

void clinux_socket_ring_add_send(
    struct clinux_socket_ring *ring, int socket, const void *bytes, uint32_t count, uint64_t tag) {
    add(ring, IORING_OP_SEND, socket, bytes, count, MSG_NOSIGNAL, tag);
}

void clinux_socket_ring_add_receive(
    struct clinux_socket_ring *ring, int socket, void *space, uint32_t count, uint64_t tag) {
    add(ring, IORING_OP_RECV, socket, space, count, 0, tag);
}

int clinux_socket_ring_submit(struct clinux_socket_ring *ring, uint32_t wanted) {
    uint32_t submitted = ring->added;
    ring->added = 0;
    __atomic_store_n(ring->submission_tail, *ring->submission_tail + submitted, __ATOMIC_RELEASE);
    return (int)syscall(
        __NR_io_uring_enter, ring->descriptor, submitted, wanted, IORING_ENTER_GETEVENTS, NULL, 0);
}

bool clinux_socket_ring_next(struct clinux_socket_ring *ring, uint64_t *tag, int32_t *result) {
    uint32_t head = *ring->completion_head;
    if (head == __atomic_load_n(ring->completion_tail, __ATOMIC_ACQUIRE)) {
        return false;
    }
    const struct io_uring_cqe *completion =
        (const struct io_uring_cqe *)ring->completions + (head & ring->completion_mask);
    *tag = completion->user_data;
    *result = completion->res;
    __atomic_store_n(ring->completion_head, head + 1, __ATOMIC_RELEASE);
    return true;
}

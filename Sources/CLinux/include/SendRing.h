/* A ring of the kernel (io_uring) that sends on many sockets with one system call, without a library. */
#ifndef CLINUX_SEND_RING_H
#define CLINUX_SEND_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The ring as the process sees it: memory that it shares with the kernel. */
struct clinux_send_ring {
    int descriptor;
    /* How many sends it takes at once. */
    uint32_t capacity;
    /* Sends that were added and are not submitted yet. */
    uint32_t added;

    void *queues;
    size_t queues_size;
    void *entries;
    size_t entries_size;

    uint32_t *submission_tail;
    uint32_t submission_mask;
    /* Which entry is at each place of the queue: always the one with the place's own number. */
    uint32_t *submission_order;
    uint32_t *completion_head;
    const uint32_t *completion_tail;
    uint32_t completion_mask;
    const void *completions;
};

/* Opens a ring that sleeps until it is enabled, for at least so many sends at once. -1 and errno if there is none. */
int clinux_send_ring_open(struct clinux_send_ring *ring, uint32_t capacity);

/* Wakes the ring up. From here on it is the calling thread's alone. -1 and errno if the kernel refuses. */
int clinux_send_ring_enable(const struct clinux_send_ring *ring);

void clinux_send_ring_close(struct clinux_send_ring *ring);

/* Adds a send that never waits. The bytes must stay where they are until it is complete. */
void clinux_send_ring_add(
    struct clinux_send_ring *ring, int socket, const void *bytes, uint32_t count, uint64_t tag);

/* Submits what was added, and waits until so many are complete. Returns how many the kernel has taken, -1 and errno if
   none. */
int clinux_send_ring_submit(struct clinux_send_ring *ring, uint32_t wanted);

/* The next completion, if there is one: whose it is, and what send would have returned, or the negative errno. */
bool clinux_send_ring_next(struct clinux_send_ring *ring, uint64_t *tag, int32_t *result);

#endif

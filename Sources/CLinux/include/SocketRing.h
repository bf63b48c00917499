/* A ring of the kernel (io_uring) that sends on many sockets, or reads from many, with one system call; no library. */
#ifndef CLINUX_SOCKET_RING_H
#define CLINUX_SOCKET_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The ring as the process sees it: memory that it shares with the kernel. */
struct clinux_socket_ring {
    int descriptor;
    /* Sends and reads that were added and are not submitted yet. */
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

/* Opens a ring that sleeps until it is enabled, for at least so many sends or reads at once. -1 and errno if there is none. */
int clinux_socket_ring_open(struct clinux_socket_ring *ring, uint32_t capacity);

/* Wakes the ring up. From here on it is the calling thread's alone. -1 and errno if the kernel refuses. */
int clinux_socket_ring_enable(const struct clinux_socket_ring *ring);

void clinux_socket_ring_close(struct clinux_socket_ring *ring);

/* Adds a send that never waits. The bytes must stay where they are until it is complete. */
void clinux_socket_ring_add_send(
    struct clinux_socket_ring *ring, int socket, const void *bytes, uint32_t count, uint64_t tag);

/* Adds a read that never waits. The space must be left alone until it is complete. */
void clinux_socket_ring_add_receive(
    struct clinux_socket_ring *ring, int socket, void *space, uint32_t count, uint64_t tag);

/* Submits what was added, and waits until so many are complete. Returns how many the kernel has taken, -1 and errno if
   none. */
int clinux_socket_ring_submit(struct clinux_socket_ring *ring, uint32_t wanted);

/* The next completion, if there is one: whose it is, and what send or recv would have returned, or the negative errno. */
bool clinux_socket_ring_next(struct clinux_socket_ring *ring, uint64_t *tag, int32_t *result);

#endif

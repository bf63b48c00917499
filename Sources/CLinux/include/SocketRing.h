/* An io_uring that sends on many sockets, or reads from many, with one system call; uses no library. */
#ifndef CLINUX_SOCKET_RING_H
#define CLINUX_SOCKET_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The process's view of the ring: memory that it shares with the kernel. */
struct clinux_socket_ring {
    int descriptor;
    /* Sends and reads that were added and not submitted yet. */
    uint32_t added;

    void *queues;
    size_t queues_size;
    void *entries;
    size_t entries_size;

    uint32_t *submission_tail;
    uint32_t submission_mask;
    /* The entry at each place of the queue: always the one with the place's own number. */
    uint32_t *submission_order;
    uint32_t *completion_head;
    const uint32_t *completion_tail;
    uint32_t completion_mask;
    const void *completions;
};

/* Opens a ring, disabled at first, for at least `capacity` sends or reads at once. Returns -1 with errno on failure. */
int clinux_socket_ring_open(struct clinux_socket_ring *ring, uint32_t capacity);

/* Enables the ring, which from then on belongs to the calling thread alone. Returns -1 with errno on failure. */
int clinux_socket_ring_enable(const struct clinux_socket_ring *ring);

void clinux_socket_ring_close(struct clinux_socket_ring *ring);

/* Adds a send that never blocks. The bytes must stay valid until it is complete. */
void clinux_socket_ring_add_send(
    struct clinux_socket_ring *ring, int socket, const void *bytes, uint32_t count, uint64_t tag);

/* Adds a read that never blocks. The space must not be touched until it is complete. */
void clinux_socket_ring_add_receive(
    struct clinux_socket_ring *ring, int socket, void *space, uint32_t count, uint64_t tag);

/* Submits everything added, and waits until `wanted` completions are available. Returns the number of entries that the
   kernel has taken, or -1 with errno if it has taken none. */
int clinux_socket_ring_submit(struct clinux_socket_ring *ring, uint32_t wanted);

/* Takes the next completion, if any: its tag, and the result of send or recv, or a negative errno. */
bool clinux_socket_ring_next(struct clinux_socket_ring *ring, uint64_t *tag, int32_t *result);

#endif

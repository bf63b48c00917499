/* The few Linux declarations that Swift's Glibc module does not show. */
#ifndef CLINUX_H
#define CLINUX_H

#ifndef __linux__
#error "Party-Sockets runs on Linux only: its event loops are made of epoll and io_uring"
#endif

#include <features.h>
#ifndef __GLIBC__
#error "Party-Sockets needs the GNU C library: on a system with musl, such as Alpine, run it in its container"
#endif

#include "SocketRing.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

/* Function-like and untyped macros as typed constants. */
static const uint32_t CLINUX_EPOLLIN = EPOLLIN;
static const uint32_t CLINUX_EPOLLOUT = EPOLLOUT;
static const uint32_t CLINUX_EPOLLRDHUP = EPOLLRDHUP;
static const uint32_t CLINUX_EPOLLHUP = EPOLLHUP;
static const uint32_t CLINUX_EPOLLERR = EPOLLERR;
static const uint32_t CLINUX_EPOLLEXCLUSIVE = EPOLLEXCLUSIVE;
static const int CLINUX_EPOLL_CLOEXEC = EPOLL_CLOEXEC;
/* Missing from the headers of systems before Linux 6.15. */
static const int CLINUX_TCP_RTO_MAX_MS = 44;
static const int CLINUX_EFD_FLAGS = EFD_NONBLOCK | EFD_CLOEXEC;

/* accept4 with SOCK_NONBLOCK | SOCK_CLOEXEC. */
int clinux_accept(int listener, struct sockaddr_storage *peer);

/* What has become of the bytes sent on a TCP socket. */
struct clinux_send_progress {
    /* Acknowledged by the peer's kernel, ever. */
    uint64_t acknowledged;
    /* Taken by this kernel and not acknowledged. */
    uint32_t unacknowledged;
    /* Those among them that have not been sent. */
    uint32_t unsent;
    /* Milliseconds since the peer's last acknowledgement, of anything. */
    uint32_t quiet_milliseconds;
};

/* Returns -1 where the kernel does not tell: the socket is none of TCP, or it is older than Linux 4.6. */
int clinux_send_progress(int socket, struct clinux_send_progress *progress);

/* The number of processors that the scheduler may run this process on; at least 1. */
int clinux_usable_processors(void);

/* Names the calling thread, as top and gdb show it; at most 15 characters. */
void clinux_name_thread(const char *name);

/* Bytes allocated by malloc and not freed. */
size_t clinux_heap_used(void);

/* Allocates blocks of this size and above from the system, and frees them to it, whatever has been freed before. */
void clinux_heap_map_from(int bytes);

/* A block of at least this size for a large message, or NULL. Some blocks that a thread has given back are kept for it,
   since mapping their pages again takes longer than to copy the message. */
void *clinux_block_take(size_t wanted, size_t *capacity);

/* The same for a message that is still growing: the largest that is kept, of up to `most` bytes. */
void *clinux_block_take_largest(size_t wanted, size_t most, size_t *capacity);

/* Gives a block back that came from one of the two, on any thread. */
void clinux_block_give_back(void *memory, size_t capacity);

/* Bytes in the blocks that are kept for the calling thread. */
size_t clinux_blocks_kept(void);

/* Frees them all. */
void clinux_blocks_free(void);

/* Frees them if none has been used since the last call. */
void clinux_blocks_trim(void);

/* Returns free heap pages to the kernel. */
void clinux_heap_trim(void);

/* Lets the calling thread's waits end on time; by default the kernel delays them by up to 50 us to save power. */
void clinux_wake_precisely(void);

/* Unmaps the code and the constants of the program and its libraries. What is used again comes back with its next use, from
   the kernel's cache of the files. A debugger's breakpoints, uprobes, and code that somebody has patched go with them. */
void clinux_program_forget(void);

#endif

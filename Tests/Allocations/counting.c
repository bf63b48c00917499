/* Counts allocations and reference counting in the process that it is preloaded into.
 *
 * The counts are in a file that the test maps too, so that reading them changes nothing. malloc is replaced by a
 * function of the same name. Swift's functions are linked into the program and cannot be replaced: they get
 * breakpoints, at addresses that the test passes in. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

struct counts {
    uint64_t allocations;
    uint64_t references;
};

static struct counts before_start;
static struct counts *counts = &before_start;

static void count(uint64_t *value) {
    __atomic_fetch_add(value, 1, __ATOMIC_RELAXED);
}

/* ---- malloc ---- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t number, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size) {
    count(&counts->allocations);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count(&counts->allocations);
    return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size) {
    count(&counts->allocations);
    return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count(&counts->allocations);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    count(&counts->allocations);
    *block = __libc_memalign(alignment, size);
    return *block ? 0 : ENOMEM;
}

/* ---- Swift's runtime ---- */

/* A breakpoint stands on the first instruction of each function that changes an object's count. On this processor that
 * instruction saves the frame pointer, which is one byte and easily done here instead. */
enum { BREAKPOINT = 0xCC, PUSH_RBP = 0x55 };

/* A value with the highest bit is no object, and one that lives for ever, like the storage of every empty array, has a count
 * whose lower half is all ones: for neither is anything written, so they do not matter. */
static int has_count(intptr_t object) {
    const uint64_t *parts = (const uint64_t *)(object & 0xFFFFFFFFFFFFF8);
    return object > 0 && (uint32_t)parts[1] != UINT32_MAX;
}

static void reached(int signal, siginfo_t *information, void *context) {
    (void)signal;
    (void)information;
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    if (has_count(registers[REG_RDI])) {
        count(&counts->references);
    }
    registers[REG_RSP] -= 8;
    *(greg_t *)registers[REG_RSP] = registers[REG_RBP];
}

static void watch(uintptr_t base, const char *function) {
    uint8_t *start = (uint8_t *)(base + strtoull(getenv(function), NULL, 16));
    uintptr_t page = (uintptr_t)start & ~(uintptr_t)4095;
    if (*start != PUSH_RBP || mprotect((void *)page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC) != 0) {
        fprintf(stderr, "counting: %s cannot be watched\n", function);
        _exit(1);
    }
    *start = BREAKPOINT;
}

static int note_base(struct dl_phdr_info *info, size_t size, void *base) {
    (void)size;
    *(uintptr_t *)base = info->dlpi_addr;
    /* The program itself comes first. */
    return 1;
}

__attribute__((constructor)) static void start(void) {
    int file = open(getenv("COUNTING_FILE"), O_RDWR);
    void *shared = mmap(NULL, sizeof(struct counts), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (shared == MAP_FAILED) {
        perror("counting");
        _exit(1);
    }
    close(file);
    counts = shared;

    struct sigaction action = {.sa_sigaction = reached, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(SIGTRAP, &action, NULL);
    uintptr_t base = 0;
    dl_iterate_phdr(note_base, &base);
    watch(base, "swift_retain");
    watch(base, "swift_release");
    watch(base, "swift_retain_n");
    watch(base, "swift_release_n");
}

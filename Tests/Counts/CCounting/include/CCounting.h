#pragma once

#include <stdint.h>

/// Counts what this process asks of the allocator and of Swift's runtime. Linking it in is enough: calls then go
/// through functions that count and pass them on.

/// Calls so far that hand out memory: malloc, calloc, realloc, posix_memalign, aligned_alloc. From anywhere.
uint64_t counting_allocations(void);

/// Retains and releases of objects so far, by code that is linked into the program itself: what the standard library does
/// inside its own shared object is not seen. One of several at once counts as one.
uint64_t counting_retains(void);
uint64_t counting_releases(void);

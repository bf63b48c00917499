#pragma once

#include <stdint.h>

/// Counts the calls of this process to the allocator and to Swift's runtime. Linking it in is enough: calls then go
/// through functions that count and forward them.

/// Calls so far that hand out memory: malloc, calloc, realloc, posix_memalign, aligned_alloc. From anywhere.
uint64_t counting_allocations(void);

/// Retains and releases of objects so far, by code linked into the program itself: calls inside the standard library's
/// own shared object are not seen. A call that counts several references counts as one.
uint64_t counting_retains(void);
uint64_t counting_releases(void);

#include "CCounting.h"

#include <stdatomic.h>

// The linker's --wrap sends calls of swift_retain to __wrap_swift_retain, and of __real_swift_retain to the runtime.
// The runtime's own hooks, made for such tools, end in a crash with Swift 6.3: they strip a tagged pointer of its tag
// and then follow it.

static _Atomic uint64_t retains, releases;

uint64_t counting_retains(void) {
    return atomic_load_explicit(&retains, memory_order_relaxed);
}

uint64_t counting_releases(void) {
    return atomic_load_explicit(&releases, memory_order_relaxed);
}

// Nil has no count, and neither have tagged pointers, which are negative: short strings and literals.
static void count(_Atomic uint64_t *counter, void *object) {
    if ((intptr_t)object > 0) {
        atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
    }
}

#define COUNTED_RETAIN(name)                                                                                           \
    extern void *__real_##name(void *);                                                                                \
    void *__wrap_##name(void *object) {                                                                                \
        count(&retains, object);                                                                                       \
        return __real_##name(object);                                                                                  \
    }                                                                                                                  \
    extern void *__real_##name##_n(void *, uint32_t);                                                                  \
    void *__wrap_##name##_n(void *object, uint32_t times) {                                                            \
        count(&retains, object);                                                                                       \
        return __real_##name##_n(object, times);                                                                       \
    }

#define COUNTED_RELEASE(name)                                                                                          \
    extern void __real_##name(void *);                                                                                 \
    void __wrap_##name(void *object) {                                                                                 \
        count(&releases, object);                                                                                      \
        __real_##name(object);                                                                                         \
    }                                                                                                                  \
    extern void __real_##name##_n(void *, uint32_t);                                                                   \
    void __wrap_##name##_n(void *object, uint32_t times) {                                                             \
        count(&releases, object);                                                                                      \
        __real_##name##_n(object, times);                                                                              \
    }

COUNTED_RETAIN(swift_retain)
COUNTED_RETAIN(swift_bridgeObjectRetain)
COUNTED_RELEASE(swift_release)
COUNTED_RELEASE(swift_bridgeObjectRelease)

/* c-ares as Debian's libc-ares-dev has it (1.18.1); AresDNS is what Swift code uses. */
#ifndef CARES_SHIM_H
#define CARES_SHIM_H

#include <ares.h>

#endif

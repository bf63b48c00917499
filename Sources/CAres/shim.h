/* c-ares as Debian's libc-ares-dev has it (1.18.1); AresDNS is what Swift code uses. */
#ifndef CARES_SHIM_H
#define CARES_SHIM_H

#ifndef __linux__
#error "AresDNS runs on Linux only, and so does the relay, which looks for siblings with it"
#endif

#include <features.h>
#ifndef __GLIBC__
#error "AresDNS needs the GNU C library"
#endif

#include <ares.h>

#endif

/* The files that the relay serves, as a part of the program. */
#ifndef CSERVED_FILES_H
#define CSERVED_FILES_H

#include <stddef.h>

/* A file's bytes, which are valid and the same as long as the process runs. */
struct cserved_file {
    const void *bytes;
    size_t count;
};

/* The client library for browsers, an ES module. */
struct cserved_file cserved_client(void);

/* Its types. */
struct cserved_file cserved_client_types(void);

/* The demo page. */
struct cserved_file cserved_demo(void);

#endif

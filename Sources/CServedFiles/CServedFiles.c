#include "CServedFiles.h"

/* Read-only data of the program's file: what nobody asks for is never read from the disk, and takes no memory of its
   own. The compiler knows that this file depends on them. */
static const unsigned char client[] = {
#embed "../party-sockets-js/client.js"
};

static const unsigned char client_types[] = {
#embed "../party-sockets-js/client.d.ts"
};

static const unsigned char demo[] = {
#embed "../demo/index.html"
};

struct cserved_file cserved_client(void) {
    return (struct cserved_file){client, sizeof client};
}

struct cserved_file cserved_client_types(void) {
    return (struct cserved_file){client_types, sizeof client_types};
}

struct cserved_file cserved_demo(void) {
    return (struct cserved_file){demo, sizeof demo};
}

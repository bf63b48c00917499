#define _GNU_SOURCE
#include "CLinux.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>

int clinux_send_progress(int socket, struct clinux_send_progress *progress) {
    struct tcp_info info;
    socklen_t length = sizeof(info);
    memset(&info, 0, sizeof(info));
    if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &length) != 0 ||
        length < offsetof(struct tcp_info, tcpi_notsent_bytes) + sizeof(info.tcpi_notsent_bytes)) {
        return -1;
    }
    int unacknowledged = 0;
    if (ioctl(socket, SIOCOUTQ, &unacknowledged) != 0 || unacknowledged < 0) {
        return -1;
    }
    *progress = (struct clinux_send_progress){
        .acknowledged = info.tcpi_bytes_acked,
        .unacknowledged = (uint32_t)unacknowledged,
        .unsent = info.tcpi_notsent_bytes,
        .quiet_milliseconds = info.tcpi_last_ack_recv,
    };
    return 0;
}

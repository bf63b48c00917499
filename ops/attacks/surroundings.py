"""What this machine must allow for an attack: a memory cgroup, a network of its own, a port."""

import ctypes
import fcntl
import os
import pathlib
import socket
import struct

from memory import Cgroup

LIBC = ctypes.CDLL(None, use_errno=True)
# <sched.h>, <linux/sockios.h>, <linux/if.h>
CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 1


class Impossible(Exception):
    """This machine does not allow the setting."""


def confine(limit):
    if limit is None:
        return None
    try:
        return Cgroup(limit)
    except OSError as error:
        raise Impossible(f"no memory cgroup: {error}") from None


def shrink_buffers():
    """Moves this process into a network of its own, whose sockets buffer little."""
    if LIBC.unshare(CLONE_NEWNET) != 0:
        raise Impossible(f"no network of its own: {os.strerror(ctypes.get_errno())}")
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    for name in ["tcp_wmem", "tcp_rmem"]:
        pathlib.Path(f"/proc/sys/net/ipv4/{name}").write_text("4096 16384 131072")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

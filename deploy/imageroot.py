"""The image's root file system in a directory, which processes enter as in a container runtime."""

import ctypes
import os
import pathlib

from dockerfile import Image

LIBC = ctypes.CDLL(None, use_errno=True)
# <linux/sched.h>, <linux/mount.h>
CLONE_NEWNS = 0x20000
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1 << 0, 1 << 5, 1 << 12, 1 << 14, 1 << 18


class ImageRoot:
    """A directory that `image-root` has made.

    Its methods run in a process that has been forked and has not yet become its program (`preexec_fn`): it keeps its
    id, and its mounts are private and end with it.
    """

    # Where a container runtime mounts; the image has none of them.
    FOLDERS = ["proc", "sys", "dev"]
    FILES = ["etc/resolv.conf", "etc/hosts", "etc/hostname"]

    def __init__(self, directory):
        self.path = pathlib.Path(directory).resolve()
        self.image = Image()

    def make_mount_points(self):
        """What a container runtime makes itself, in a layer of its own, before it mounts there."""
        for name in self.FOLDERS:
            (self.path / name).mkdir()
        for name in self.FILES:
            (self.path / name).touch()

    def enter(self):
        """Enters as the image's user, in a read-only root."""
        enter_private_mounts()
        mount(self.path, self.path, MS_BIND)
        mount(None, self.path, MS_BIND | MS_REMOUNT | MS_RDONLY)
        for name in self.FOLDERS:
            mount(f"/{name}", self.path / name, MS_BIND | MS_REC)
        for name in self.FILES:
            if os.path.exists(f"/{name}"):
                mount(f"/{name}", self.path / name, MS_BIND)
        os.chroot(self.path)
        os.chdir("/")
        self._become_user()

    def _become_user(self):
        os.setgroups([])
        os.setresgid(self.image.group, self.image.group, self.image.group)
        os.setresuid(self.image.user, self.image.user, self.image.user)


def enter_private_mounts():
    """Makes later mounts private to the process, which end with it."""
    check(LIBC.unshare(CLONE_NEWNS))
    mount(None, "/", MS_REC | MS_PRIVATE)


def mount(source, target, flags):
    check(LIBC.mount(
        None if source is None else os.fsencode(source), os.fsencode(target), None, ctypes.c_ulong(flags), None))


def check(result):
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))

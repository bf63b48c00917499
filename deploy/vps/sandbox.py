"""What systemd would put around the relay by its unit, put around a process without systemd."""

import ctypes
import os
import pathlib
import resource
import shutil
import socket
import sys

from unit import system_call_groups

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
from imageroot import LIBC, MS_BIND, check, enter_private_mounts, mount  # noqa: E402

# Of the range from which systemd takes the users of DynamicUser=.
USER = 64_000
# <linux/mount.h>, <fcntl.h>, <linux/prctl.h>, <sys/mman.h>
AT_FDCWD, AT_RECURSIVE, MOUNT_ATTR_RDONLY = -100, 0x8000, 1
PR_CAPBSET_DROP = 24
PROT_WRITE, PROT_EXEC = 2, 4


class Sandbox:
    """The unit's bounds on one process.

    `enter` runs in a process that has been forked and has not yet become its program (`preexec_fn`). As root it applies
    all that is checked here; another user gets the bounds that need no privilege: open files, system calls, and no new
    privileges.
    """

    def __init__(self, unit, binary, state):
        self.unit = unit
        self.is_root = os.geteuid() == 0
        self.binary, self.state = pathlib.Path(binary).resolve(), pathlib.Path(state)
        self.state.mkdir(mode=0o700, exist_ok=True)
        self.program = unit.one("ExecStart") if self.is_root else str(self.binary)
        self.folder = pathlib.Path("/var/lib", unit.one("StateDirectory")) if self.is_root else self.state
        if self.is_root:
            os.chown(self.state, USER, USER)
        # Nothing else may be looked for once the process is forked.
        self.calls = SystemCalls(unit) if shutil.which("systemd-analyze") else None

    def environment(self, file):
        """The relay's variables; its files are where it finds the state directory."""
        place = f"/var/lib/{self.unit.one('StateDirectory')}"
        return {name: value.replace(place, str(self.folder)) for name, value in self.unit.environment(file).items()}

    def enter(self):
        os.umask(int(self.unit.one("UMask"), 8))
        # A container's root may not raise the limit.
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        files = min(int(self.unit.one("LimitNOFILE")), most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
        if self.is_root:
            self._hide_the_machine()
            self._become_nobody()
        if self.calls:
            self.calls.allow()

    def _hide_the_machine(self):
        enter_private_mounts()
        self._show(self.binary, pathlib.Path(self.program))
        self._show(self.state, self.folder)
        for name in ["/home", "/root", "/run/user"] if self.unit.is_on("ProtectHome") else []:
            if os.path.isdir(name):
                mount_new("tmpfs", name)
        if self.unit.is_on("PrivateDevices"):
            self._show_devices(["null", "zero", "full", "random", "urandom"])
        if self.unit.is_on("ProtectSystem"):
            set_read_only("/", True)
            set_read_only(self.folder, False)
        for name in ["/tmp", "/var/tmp"] if self.unit.is_on("PrivateTmp") else []:
            mount_new("tmpfs", name)
        mount_new("proc", "/proc", f"subset={self.unit.one('ProcSubset')},hidepid={self.unit.one('ProtectProc')}")

    def _show(self, source, place):
        """Shows a file or folder at its place, in an otherwise empty folder."""
        handle = os.open(source, os.O_PATH)
        mount_new("tmpfs", place.parent)
        place.mkdir() if source.is_dir() else place.touch()
        mount(f"/proc/self/fd/{handle}", place, MS_BIND)
        os.close(handle)

    def _show_devices(self, names):
        handles = {name: os.open(f"/dev/{name}", os.O_PATH) for name in names}
        mount_new("tmpfs", "/dev")
        for name, handle in handles.items():
            pathlib.Path("/dev", name).touch()
            mount(f"/proc/self/fd/{handle}", f"/dev/{name}", MS_BIND)
            os.close(handle)

    def _become_nobody(self):
        if self.unit.one("CapabilityBoundingSet") == "":
            capability = 0
            while LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0:
                capability += 1
        os.setgroups([])
        os.setresgid(USER, USER, USER)
        os.setresuid(USER, USER, USER)


def mount_new(kind, place, options=""):
    check(LIBC.mount(kind.encode(), os.fsencode(place), kind.encode(), ctypes.c_ulong(0), options.encode()))


def set_read_only(path, is_read_only):
    """Makes the mounts below a path read-only, or the path's own writable again."""
    added, removed = (MOUNT_ATTR_RDONLY, 0) if is_read_only else (0, MOUNT_ATTR_RDONLY)
    attributes = (ctypes.c_uint64 * 4)(added, removed)
    check(LIBC.mount_setattr(
        AT_FDCWD, os.fsencode(path), AT_RECURSIVE if is_read_only else 0, attributes,
        ctypes.c_size_t(ctypes.sizeof(attributes))))


class Comparison(ctypes.Structure):
    """A condition on an argument of a system call (`scmp_arg_cmp` of libseccomp)."""

    EQUAL, MASKED_EQUAL = 4, 7
    _fields_ = [("argument", ctypes.c_uint), ("operator", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


class SystemCalls:
    """The system calls that the unit allows; any other fails with EPERM."""

    ALLOW, EPERM = 0x7FFF0000, 0x00050001

    def __init__(self, unit):
        self.library = ctypes.CDLL("libseccomp.so.2")
        self.library.seccomp_init.restype = ctypes.c_void_p
        conditions = {}
        if unit.all("RestrictAddressFamilies"):
            conditions["socket"] = [
                Comparison(0, Comparison.EQUAL, getattr(socket, family)) for family in unit.address_families()]
        if unit.is_on("MemoryDenyWriteExecute"):
            both = PROT_WRITE | PROT_EXEC
            conditions["mmap"] = [
                Comparison(2, Comparison.MASKED_EQUAL, both, wanted) for wanted in [0, PROT_WRITE, PROT_EXEC]]
            conditions["mprotect"] = [Comparison(2, Comparison.MASKED_EQUAL, PROT_EXEC, 0)]
        self.filter = ctypes.c_void_p(self.library.seccomp_init(ctypes.c_uint32(self.EPERM)))
        for name in unit.system_calls(system_call_groups()):
            number = self.library.seccomp_syscall_resolve_name(name.encode())
            # Names of other architectures have none.
            for condition in conditions.get(name, [None]) if number >= 0 else []:
                given = [] if condition is None else [condition]
                check(self.library.seccomp_rule_add_array(
                    self.filter, ctypes.c_uint32(self.ALLOW), number, len(given), (Comparison * 1)(*given)))

    def allow(self):
        """Binds the calling process, which gets no new privileges from here on."""
        if self.library.seccomp_load(self.filter) != 0:
            raise OSError("the kernel takes no filter of system calls")

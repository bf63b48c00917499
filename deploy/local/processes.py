"""Starts, watches and ends the processes of a local cluster."""

import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

# Seconds until a process that was asked to stop is killed.
STOP_DEADLINE = 3

LIBC = ctypes.CDLL(None)
# <linux/prctl.h>
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


class Failure(Exception):
    """The cluster cannot start or go on; the text is for the person who started it."""


class Stopped(Exception):
    """A signal has asked this program to end."""


class Signals:
    """Notes signals instead of acting on them, so that none can arrive between the start of a process and its entry in
    the list of processes to stop."""

    received = None

    @classmethod
    def note(cls):
        def handler(number, _):
            cls.received = cls.received or number
        for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
            signal.signal(number, handler)

    @classmethod
    def pause(cls, seconds):
        time.sleep(seconds)
        if cls.received:
            raise Stopped()


def adopt_orphans():
    """Makes orphans of our processes our own children, so that their end can be awaited."""
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)


class Process:
    """A process in a group of its own: Ctrl-C reaches this program alone, and stopping the process stops its children.

    It is not reaped before it is stopped, so that no other process or group gets its id. `enter` is called in it before
    the command replaces it: a change of root or user there keeps the id.
    """

    def __init__(self, command, dies_by=signal.SIGKILL, enter=lambda: None, **options):
        def prepare():
            os.setpgid(0, 0)
            enter()
            # Even where this program is killed, its processes go with it. Set last: a change of user takes it back.
            LIBC.prctl(PR_SET_PDEATHSIG, dies_by)
        try:
            self.process = subprocess.Popen(command, preexec_fn=prepare, **options)
        except OSError as error:
            raise Failure(f"cannot run {command[0]}: {error.strerror}") from None
        except subprocess.SubprocessError:
            raise Failure(f"cannot enter the root of {command[0]}: that takes root, and the right to mount") from None
        self.pid = self.process.pid

    def end(self):
        """Its exit status, or the negated number of the signal that killed it; None if it runs."""
        info = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if info is None:
            return None
        return info.si_status if info.si_code == os.CLD_EXITED else -info.si_status

    def signal(self, number):
        os.killpg(self.pid, number)

    def stop(self, deadline):
        """Ends it and its orphans, at the deadline by force. Called once."""
        while self.end() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        self.signal(signal.SIGKILL)
        self.process.wait()
        # Its orphans have become our own children.
        while True:
            try:
                os.waitpid(-self.pid, 0)
            except ChildProcessError:
                return


class Part(Process):
    """A process of the cluster, with its log."""

    def __init__(self, name, log, command, **options):
        self.name = name
        self.log = log
        self.is_reported = False
        with open(log, "ab") as output:
            super().__init__(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **options)

    def fate(self):
        status = self.end()
        if status is None:
            return "runs"
        return f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"

    def story(self):
        """Its exit status and the last lines of its log."""
        lines = pathlib.Path(self.log).read_text(errors="replace").splitlines()[-15:]
        return "\n".join([f"{self.name} ({self.fate()}), the end of its log:"] + [f"    {line}" for line in lines])


def program(name):
    # Servers are not in every user's path.
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is None:
        raise Failure(f"{name} is missing; ops/setup --checks installs it")
    return path


def run_to_end(command, meanwhile=lambda: None, **options):
    """Runs a command as if it had been started in place of this program: it gets the terminal, if there is one, and
    Ctrl-C. Returns the status that a shell would."""
    has_terminal = sys.stdin.isatty() and os.tcgetpgrp(0) == os.getpgrp()
    process = Process(command, **options)
    try:
        if has_terminal:
            os.tcsetpgrp(0, process.pid)
            # It may have asked for the terminal too early.
            process.signal(signal.SIGCONT)
        while process.end() is None:
            meanwhile()
            Signals.pause(0.05)
        status = process.end()
        return status if status >= 0 else 128 - status
    finally:
        if has_terminal:
            # A process outside the terminal's foreground is stopped for taking it, unless it ignores that signal.
            signal.signal(signal.SIGTTOU, signal.SIG_IGN)
            os.tcsetpgrp(0, os.getpgrp())
            signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        process.signal(signal.SIGTERM)
        process.stop(time.monotonic() + STOP_DEADLINE)


def say(text):
    print(f"cluster: {text}", file=sys.stderr, flush=True)

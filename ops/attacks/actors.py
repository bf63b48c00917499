"""Processes that play a part in an attack, and what they and the director say to each other."""

import ctypes
import multiprocessing
import os
import pathlib
import signal
import traceback

FORK = multiprocessing.get_context("fork")
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1
# The relay, who measures it and who is honest go before the attackers on this machine. Elsewhere all would have machines
# of their own. A user who may not raise a priority lowers the attackers'.
FIRST, ATTACKER = (-10, 0) if os.geteuid() == 0 else (0, 10)
# The priority of a whole session, which the kernel heeds before those of processes (autogroups; sched(7)).
SESSION = pathlib.Path("/proc/self/autogroup")
FIRST_SESSION = -19


class Failed(Exception):
    """An actor could not play its part."""


class Prompt:
    """An actor's end."""

    def __init__(self, channel):
        self.channel = channel

    def tell(self, value):
        self.channel.send((True, value))

    def wait(self):
        """The director's next cue."""
        return self.channel.recv()

    def is_cued(self, seconds=0.0):
        return self.channel.poll(seconds)


class Actor:
    """A process that runs `role(prompt, *arguments)`. When it is sent away, the kernel closes its connections."""

    def __init__(self, role, *arguments, niceness=ATTACKER):
        self.name = role.__name__
        self.channel, other = FORK.Pipe()
        self.process = FORK.Process(target=enact, args=(role, other, niceness, arguments), daemon=True)
        self.process.start()
        other.close()

    def cue(self, value=None):
        try:
            self.channel.send(value)
        except BrokenPipeError:
            # It has ended. What it said last can still be heard.
            pass

    def hear(self, seconds=60.0):
        """What it tells next."""
        try:
            if not self.channel.poll(seconds):
                raise Failed(f"{self.name} says nothing for {seconds:.0f} s")
            is_well, value = self.channel.recv()
        except (EOFError, ConnectionResetError):
            raise Failed(f"{self.name} has ended") from None
        if not is_well:
            raise Failed(f"{self.name}: {value}")
        return value

    def send_away(self):
        self.process.kill()
        self.process.join()
        self.channel.close()


def go_first():
    """Puts this process, and what it starts in its session, before all other sessions; as far as the user may."""
    os.setsid()
    try:
        SESSION.write_text(str(FIRST_SESSION))
    except OSError:
        # Without autogroups, or the right.
        pass


def enact(role, channel, niceness, arguments):
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if niceness != FIRST:
        # Out of the session of those who go first.
        os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.setpriority(os.PRIO_PROCESS, 0, niceness)
    try:
        role(Prompt(channel), *arguments)
    except BaseException:
        try:
            channel.send((False, traceback.format_exc()))
        except OSError:
            # The director has gone.
            pass

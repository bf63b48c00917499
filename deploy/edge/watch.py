#!/usr/bin/env python3
"""Keeps the names true by which edges find machines: one that is frozen or drains gets no new players.

    watch.py [--app NAME] [--once] FLEET DIR

FLEET lists the machines, one a line, `id region address:port`; it is read again when it changes. Each machine is asked
for /ready once a second, while it drains four times. DIR gets the files for dnsmasq and nginx:

    hosts/machines      the names, for dnsmasq's hostsdir, which notices by itself that they change
    vms.conf            the list of machines, for dnsmasq's conf-file
    edge-machines.conf  the machine at each address, for nginx

--once writes them and ends; names that are there already stay as they are. Needs nothing beyond Python 3.11.
"""

import argparse
import asyncio
import os
import pathlib
import re
import sys

sys.dont_write_bytecode = True
from fleet import FleetError, Health, Heard, State, edge_machines_conf, hosts, read_fleet, vms_conf  # noqa: E402

# Seconds between two questions to a machine, and until one counts as unanswered: two in a row are lost within five.
INTERVAL, PATIENCE = 1, 2
# A machine that drains is started anew soon, and players wait for it.
SHORT_INTERVAL = 0.25
# Questions a second to all machines together, and such at a time. A larger fleet is asked less often.
RATE, AT_A_TIME = 250, 250
# Seconds between two looks at the list, and at what there is to write.
TICK = 0.2
# Bytes of an answer's first line.
LINE = 256


async def ask(machine):
    """Asks a machine whether it takes players. By its address: a DNS that fails changes nothing."""
    writer = None
    try:
        reader, writer = await asyncio.open_connection(machine.address, machine.port, limit=LINE)
        writer.write(f"GET /ready HTTP/1.1\r\nHost: {machine.endpoint}\r\nConnection: close\r\n\r\n".encode())
        return Heard.of_status_line(await reader.readuntil(b"\n"))
    except (ConnectionError, asyncio.IncompleteReadError):
        return Heard.REFUSAL
    except (OSError, asyncio.LimitOverrunError):
        return Heard.NOTHING
    finally:
        if writer:
            writer.close()


class Files:
    """The files that this program writes and reads. What is wrong with one is said once, however often it is tried, and
    so is that it is over."""

    def __init__(self, fleet, folder):
        self.fleet = fleet
        self.hosts = folder / "hosts" / "machines"
        self.vms = folder / "vms.conf"
        self.edge_machines = folder / "edge-machines.conf"
        self.faults = {}

    def write(self, path, text):
        """Writes a file as a whole or not at all, if that changes it. Returns whether it is as it should be."""
        try:
            if not path.exists() or path.read_text() != text:
                path.parent.mkdir(parents=True, exist_ok=True)
                # dnsmasq does not read what begins with a dot.
                draft = path.with_name(f".{path.name}")
                draft.write_text(text)
                os.replace(draft, path)
        except OSError as error:
            self.note(path, error.strerror)
            return False
        self.note(path, None)
        return True

    def version_of_fleet(self):
        status = self.fleet.stat()
        return status.st_ino, status.st_size, status.st_mtime_ns

    def note(self, path, fault):
        if self.faults.get(path) != fault:
            say(f"{path}: {fault}; what was in force stays so" if fault else f"{path}: as it should be again")
        self.faults[path] = fault


class Watch:
    """Asks all machines of the list, and writes what follows from their answers."""

    def __init__(self, files, app):
        self.files = files
        self.app = app
        self.health = {}
        self.tasks = {}
        self.questions = asyncio.Semaphore(AT_A_TIME)
        # Names that another run has left stay in force until there is something to say about every machine.
        self.is_settled = not files.hosts.exists()
        self.is_written = False
        self.seen = self.taken = files.version_of_fleet()
        self.take(read_fleet(files.fleet.read_text()))

    def fleet(self):
        return list(self.health)

    def states(self):
        return {machine: health.state for machine, health in self.health.items()}

    async def run(self):
        while True:
            self.follow_fleet()
            self.write_names()
            await asyncio.sleep(TICK)
            self.read_fleet()

    def write_names(self):
        self.is_settled = self.is_settled or State.UNKNOWN not in self.states().values()
        if self.is_settled and not self.is_written:
            self.is_written = self.files.write(self.files.hosts, hosts(self.fleet(), self.states(), self.app))

    # --- The list ---

    def read_fleet(self):
        """Takes the list when it is new, and no longer being written. One that is wrong or gone changes nothing."""
        try:
            before, self.seen = self.seen, self.files.version_of_fleet()
            if self.seen == self.taken or self.seen != before:
                return
            self.taken = self.seen
            fleet = read_fleet(self.files.fleet.read_text())
        except OSError as error:
            self.taken = None
            self.files.note(self.files.fleet, error.strerror)
        except (FleetError, UnicodeError) as error:
            self.files.note(self.files.fleet, str(error))
        else:
            self.files.note(self.files.fleet, None)
            self.take(fleet)

    def take(self, fleet):
        self.health = {machine: self.health.get(machine, Health()) for machine in fleet}
        self.is_written = False
        self.files.write(self.files.vms, vms_conf(fleet, self.app))
        self.files.write(self.files.edge_machines, edge_machines_conf(fleet))
        say(f"{len(fleet)} machines are listed")

    def follow_fleet(self):
        """One task asks each machine, as long as it is listed."""
        for machine in set(self.tasks) - set(self.health):
            self.tasks.pop(machine).cancel()
        for task in self.tasks.values():
            if task.done():
                # A fault of this program, which ends it.
                task.result()
        added = [machine for machine in self.health if machine not in self.tasks]
        for place, machine in enumerate(added):
            # Not all at the same time.
            delay = self.interval() * place / len(added)
            self.tasks[machine] = asyncio.create_task(self.watch(machine, delay))

    # --- The machines ---

    def interval(self, state=State.UP):
        return max(SHORT_INTERVAL if state is State.LEAVING else INTERVAL, len(self.health) / RATE)

    async def watch(self, machine, delay):
        loop = asyncio.get_running_loop()
        await asyncio.sleep(delay)
        while True:
            async with self.questions:
                start = loop.time()
                try:
                    async with asyncio.timeout(PATIENCE):
                        heard = await ask(machine)
                except TimeoutError:
                    heard = Heard.NOTHING
            self.note(machine, heard)
            next_start = start + self.interval(self.health[machine].state)
            await asyncio.sleep(max(0, next_start - loop.time()))

    def note(self, machine, heard):
        before = self.health[machine]
        self.health[machine] = after = before.after(heard)
        if after.state is before.state:
            return
        self.is_written = False
        if (before.state, after.state) != (State.UNKNOWN, State.UP):
            say(f"{machine.id} ({machine.region}, {machine.endpoint}) {after.state.value}")


def say(text):
    print(f"watch: {text}", file=sys.stderr, flush=True)


def label(text):
    if not re.fullmatch("[a-z0-9-]{1,63}", text):
        raise argparse.ArgumentTypeError("small letters, digits and hyphens, 63 at most")
    return text


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--app", type=label, default="party-sockets", help="a part of all names; party-sockets")
    parser.add_argument("--once", action="store_true", help="write the files, and end")
    parser.add_argument("fleet", type=pathlib.Path, metavar="FLEET")
    parser.add_argument("dir", type=pathlib.Path, metavar="DIR")
    return parser.parse_args()


async def run(options):
    watch = Watch(Files(options.fleet, options.dir), options.app)
    if options.once:
        watch.write_names()
        return all(fault is None for fault in watch.files.faults.values())
    await watch.run()


if __name__ == "__main__":
    options = parse()
    try:
        sys.exit(0 if asyncio.run(run(options)) else 1)
    except (OSError, UnicodeError, FleetError) as error:
        sys.exit(f"watch: {options.fleet}: {getattr(error, 'strerror', None) or error}")
    except KeyboardInterrupt:
        sys.exit(130)

"""One run: a relay, a crowd, rounds of play with silence after each, and a drain in the middle of the last."""

import random
import signal
import time

import peers
from account import Account
from crowd import Crowd, RelayHasEnded
from relay import Relay

# For what must be over soon, on a machine that does other things too.
PATIENCE = 30
# How soon what the clients held must be free again, how much more memory than after the first round may be in use, and
# how much more may be resident: each loop keeps blocks for its next output, and the allocator keeps free memory.
REST_SECONDS, REST_HEAP_BYTES, REST_RESIDENT_BYTES = 10, 1 << 20, 64 << 20

MIB = 1 << 20


class Soak:
    """A run with its relay. `violations` is empty if all is well."""

    def __init__(self, binary, loops, io_uring, seed, clients, faults):
        self.loops = loops
        self.dice = random.Random(seed)
        self.relay = Relay(binary, loops, io_uring, seed, faults)
        self.account = Account(is_kernel_faulty=bool(faults))
        self.crowd = Crowd(self.relay, self.account, self.dice, clients)
        self.violations = []
        # Memory in use and resident memory when nobody was there, after each round.
        self.memory = []

    def run(self, seconds, round_seconds):
        # The first round is to warm up: buffers, allocator, tables.
        self.play(min(round_seconds, seconds) / 2)
        self.rest()
        end = time.monotonic() + seconds
        while not self.has_failed() and (rest := end - time.monotonic()) > 0:
            self.play(min(round_seconds, rest))
            self.rest()
        if not self.has_failed():
            self.drain()
        self.violations += self.account.violations
        if self.relay.kernel:
            self.violations += [f"the kernel has not failed: {kind}" for kind in self.relay.kernel.idle()]

    def has_failed(self):
        return self.violations or self.account.violations

    def play(self, seconds):
        self.relay.fail()
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.account.violations:
            self.crowd.fill()
            self.crowd.act()
            self.crowd.turn()

    def rest(self):
        """Brings all that was begun to its end, has everybody leave, and looks at what the relay still holds."""
        self.relay.fail(False)
        crowd = self.crowd
        for player in list(crowd.players):
            player.greedy_at, player.slowness = 0, None
            crowd.thaw(player)
        self.wait("connections neither play nor end", lambda: [
            str(player.stay) for player in crowd.players if not player.is_playing])
        for _ in range(2):
            for player in crowd.playing():
                player.echo()
                crowd.flush(player)
            self.wait("messages do not come", lambda: [
                str(player.stay) for player in crowd.playing() if player.stay.confirmed < len(player.stay.log)])
        self.wait("members do not know who is there", lambda: [
            error for player in crowd.playing() if (error := peers.error(player.stay))])
        self.account.check_missed()
        if self.has_failed():
            return
        self.compare("party_sockets_clients", len(crowd.playing()))
        self.compare("party_sockets_rooms", len({player.stay.room for player in crowd.playing()}))
        for player in crowd.playing():
            if player.is_playing:
                self.dice.choice([player.leave, player.hang_up, player.reset])()
                crowd.flush(player)
        self.wait("connections do not end", lambda: [str(player.stay) for player in crowd.players])
        self.account.forget_ended()
        crowd.absent.clear()
        self.wait("something is left", self.leftovers, REST_SECONDS)
        self.memory.append(self.relay.memory())

    def compare(self, gauge, expected):
        value = self.relay.metric(gauge)
        if value != expected:
            self.violations.append(f"{gauge} is {value:g} where {expected} are")

    def leftovers(self):
        rest = self.relay.leftovers()
        if self.memory:
            more = [now - first for now, first in zip(self.relay.memory(), self.memory[0])]
            if more[0] > REST_HEAP_BYTES * (1 + self.loops) or more[1] > REST_RESIDENT_BYTES:
                rest.append("{:.1f} MiB more in use, {:.1f} MiB more resident".format(*(size / MIB for size in more)))
        return rest

    def wait(self, what, rest, seconds=PATIENCE):
        """Waits until nothing is left."""
        deadline = time.monotonic() + seconds
        while (left := rest()) and not self.account.violations:
            if time.monotonic() > deadline:
                return self.violations.append(f"{what} after {seconds} s: {len(left)}: " + "; ".join(left[:10]))
            self.crowd.turn(0.02)

    def drain(self):
        """Ends the relay in the middle of a play."""
        self.play(1)
        self.account.begin_drain()
        self.relay.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while self.crowd.players and not self.account.violations:
            if time.monotonic() > deadline:
                return self.violations.append(f"{len(self.crowd.players)} connections do not end by the drain")
            try:
                self.crowd.act()
                self.crowd.turn()
            except RelayHasEnded:
                if self.relay.process.returncode != 0:
                    raise
        status = self.relay.process.wait(PATIENCE)
        if status != 0:
            self.violations.append(f"the relay has drained with status {status}")

    def summary(self):
        account = self.account
        facts = {"messages": account.sent, "deliveries": account.deliveries, "connections": account.joins,
                 **self.crowd.counts, **{f"closed {code}": count for code, count in sorted(account.closes.items())}}
        faults = self.relay.kernel.counts() if self.relay.kernel else {}
        rest = "in use and resident at rest " + " ".join(
            "{:.1f}/{:.1f} MiB".format(*(size / MIB for size in sizes)) for sizes in self.memory)
        return ", ".join([*(f"{count} {what.replace('_', ' ')}" for what, count in (facts | faults).items()), rest])

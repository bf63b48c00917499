"""A crowd of players who do at random what players do, and worse."""

import selectors
import time

from link import READ_BYTES
from player import Player
from rooms import STATE, TO_ALL, Room

# How often in a second each of the players does it.
RATES = {
    "leave": 0.03, "hang_up": 0.03, "reset": 0.03, "replace": 0.04, "freeze": 0.06, "trickle": 0.03, "burst": 0.01,
    "close_room": 0.005}
# How often in a second the crowd does it.
FLOODS = 0.3
ROOM_SIZE = 9
# Far more than the relay and both kernels keep for one connection.
FLOOD_MESSAGES, FLOOD_BYTES = 120, 1 << 17


class RelayHasEnded(Exception):
    """The relay's process has ended where it must not."""


class Crowd:
    """All players at one relay."""

    def __init__(self, relay, account, dice, size):
        self.relay, self.account, self.dice, self.size = relay, account, dice, size
        self.selector = selectors.DefaultSelector()
        self.players = set()
        # Those that do not read for a while, and those that read little.
        self.frozen, self.slow = set(), set()
        self.clients = 0
        # Clients of each room that are not there now, for somebody to come back as.
        self.absent = {}
        self.counts = dict.fromkeys([*RATES, "flood", "come_back", "refused"], 0)
        self.pending = dict.fromkeys(RATES, 0.0) | {"flood": 1.0}
        self.last = time.monotonic()
        self.flooded = None

    # The network

    def turn(self, patience=0.002):
        """Moves what is ready to move."""
        now = time.monotonic()
        for player in [player for player in self.frozen if player.frozen_until <= now]:
            self.thaw(player)
        for player in [player for player in self.slow if player.greedy_at <= now]:
            self.slow.discard(player)
            player.appetite = READ_BYTES
        for key, events in self.selector.select(patience):
            player = key.data
            if events & selectors.EVENT_READ:
                player.read()
            self.flush(player)
        if crash := self.relay.crash():
            raise RelayHasEnded(crash)

    def flush(self, player):
        """Sends what it has to send, and waits for what it waits for."""
        if not player.link.has_ended:
            player.link.flush(player.slowness)
        if player.link.has_ended:
            return self.drop(player)
        events = 0 if player in self.frozen else selectors.EVENT_READ
        if player.link.unsent:
            events |= selectors.EVENT_WRITE
        if events == player.events:
            return
        if player.events == 0:
            self.selector.register(player.link, events, player)
        elif events == 0:
            self.selector.unregister(player.link)
        else:
            self.selector.modify(player.link, events, player)
        player.events = events

    def thaw(self, player):
        self.frozen.discard(player)
        if player is self.flooded and not player.is_closing:
            player.leave()
        self.flush(player)

    def drop(self, player):
        """Forgets one whose connection has ended."""
        if player not in self.players:
            return
        self.players.discard(player)
        self.frozen.discard(player)
        self.slow.discard(player)
        if player.events:
            self.selector.unregister(player.link)
        player.link.close(player.is_reset)
        stay = player.stay
        self.account.end(stay)
        self.counts["refused"] += stay.refused > 0
        # What it was to end did not end, if it did not get that far.
        if player.replaced and not stay.is_seated:
            player.replaced.stay.is_doomed = player.replaced.is_closing
        if stay.close_room_after is not None and stay.closed_with != 4001:
            for other in self.players:
                if other.stay.room is stay.room:
                    other.stay.is_doomed = other.is_closing
        # Nobody comes back into a flood.
        if player is not self.flooded and not any(
                other.client == stay.client and not other.has_ended for other in stay.room.stays):
            self.absent.setdefault(stay.room, []).append(stay.client)

    # What happens at random

    def enter(self, room, client=None, replaced=None):
        if client is None:
            self.clients += 1
            client = f"client {self.clients}"
        player = Player(self.account, self.dice, self.relay.port, room, client, replaced)
        self.players.add(player)
        self.flush(player)

    def fill(self):
        """Has new players come until the crowd is as large as it is to be."""
        missing = min(self.size - len(self.players), 10)
        if missing <= 0:
            return
        rooms = self.open_rooms()
        begun = len({player.stay.room for player in self.players})
        for _ in range(missing):
            if begun < self.size / ROOM_SIZE and self.dice.random() < 0.5 or not rooms:
                begun += 1
                self.enter(Room())
                continue
            room = self.dice.choice(rooms)
            absent = self.absent.get(room)
            if absent and self.dice.random() < 0.7:
                self.counts["come_back"] += 1
                self.enter(room, absent.pop(self.dice.randrange(len(absent))))
            else:
                self.enter(room)

    def open_rooms(self):
        rooms = {player.stay.room for player in self.players if player.is_playing}
        return sorted((room for room in rooms if room.code and not room.is_ending), key=lambda room: room.code)

    def playing(self):
        return [player for player in self.players if player.is_playing]

    def act(self, messages=20):
        """Does what is due since the last time, and sends some messages."""
        now = time.monotonic()
        elapsed, self.last = min(now - self.last, 0.1), now
        playing = self.playing()
        if not playing:
            return
        for what, rate in RATES.items():
            self.pending[what] += rate * elapsed * len(playing)
            while self.pending[what] >= 1:
                self.pending[what] -= 1
                player = self.dice.choice(playing)
                if player.is_playing:
                    self.counts[what] += 1
                    getattr(self, what)(player)
                    self.flush(player)
        self.pending["flood"] += FLOODS * elapsed
        if self.pending["flood"] >= 1 and self.flood():
            self.pending["flood"] = 0
        for _ in range(messages):
            player = self.dice.choice(playing)
            if player.is_playing and len(player.link.unsent) < 1 << 16:
                self.chat(player)
                self.flush(player)

    def chat(self, player):
        roll, filling = self.dice.random(), self.filling()
        if roll < 0.1:
            player.echo()
        elif roll < 0.2 and player.stay.slot == 0:
            player.set_state(STATE, min(filling, 16_000))
        elif roll < 0.4 and player.stay.peers:
            player.send(self.dice.choice(sorted(player.stay.peers)), filling)
        else:
            player.send(TO_ALL, filling)

    def filling(self):
        roll = self.dice.random()
        return self.dice.randrange(100 if roll < 0.9 else 3_000 if roll < 0.995 else 70_000)

    def leave(self, player):
        player.leave()

    def hang_up(self, player):
        player.hang_up()

    def reset(self, player):
        player.reset()

    def replace(self, player):
        if player is not self.flooded and not player.stay.room.is_ending:
            self.enter(player.stay.room, player.stay.client, player)

    def freeze(self, player):
        player.frozen_until = time.monotonic() + self.dice.uniform(0.05, 1.5)
        self.frozen.add(player)

    def trickle(self, player):
        """Reads only a little at once for a while."""
        player.appetite = self.dice.choice([50, 500, 5_000])
        player.greedy_at = time.monotonic() + self.dice.uniform(0.05, 1)
        self.slow.add(player)

    def burst(self, player):
        """Sends more at once than the relay reads of one connection."""
        player.slowness = None
        for _ in range(self.dice.randrange(100, 600)):
            player.send(self.dice.choice([TO_ALL, player.stay.slot, player.stay.slot]))

    def close_room(self, player):
        hosts = [other for other in self.players if other.stay.room is player.stay.room and other.stay.slot == 0]
        for host in hosts:
            if host.is_playing:
                host.close_room()
                self.flush(host)

    def flood(self):
        """Has one who does not read be sent so much that it is closed as too slow; if it is not, it leaves."""
        rooms = [room for room in self.open_rooms() if len(room.solid()) >= 3]
        if self.flooded in self.players or not rooms:
            return False
        room = self.dice.choice(rooms)
        sender, victim = self.dice.sample([player for player in self.playing() if player.stay.room is room], 2)
        self.counts["flood"] += 1
        self.flooded = victim
        self.account.leave(victim.stay, "stops reading, and is flooded")
        victim.stay.may_close.add(4008)
        victim.goodbye_at = time.monotonic()
        victim.frozen_until = victim.goodbye_at + 2
        self.frozen.add(victim)
        sender.slowness = None
        for _ in range(FLOOD_MESSAGES):
            sender.send(victim.stay.slot, FLOOD_BYTES)
        self.flush(sender)
        self.flush(victim)
        return True

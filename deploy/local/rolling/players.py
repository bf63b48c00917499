"""Groups of players who play one game after the other, and come back as a reasonable client does."""

import asyncio
import collections
import contextlib
import secrets
import time
import urllib.parse

from .account import Game, Seat
from .connection import PATIENCE, Connection, Refused

# Seconds before another attempt: the first, and the most after doubling.
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 2.0
# A player who is told for so long that the room does not exist believes it, and the game is over.
BELIEF = 10.0
# A host's new state, in seconds.
STATE_EVERY = 5.0


class Table:
    """What all groups share: the edges, the pace, whether they still play, and what they were refused with."""

    def __init__(self, edges, rate, players):
        self.edges = [urllib.parse.urlsplit(url) for url in edges]
        self.rate, self.players = rate, players
        self.is_over = False
        self.refusals = collections.Counter()
        self.games = []


class Player:
    """One member of a group, with its clientId, and an address of its own as every phone has."""

    def __init__(self, table, group, index):
        self.table, self.group, self.index = table, group, index
        self.client_id = secrets.token_hex(16)
        self.source = f"127.{8 + index}.{group.number // 250}.{group.number % 250 + 1}"
        # Half come back by the code, half by the pin that they had first.
        self.is_pinned = (group.number + index) % 2 == 1
        self.edge = table.edges[(group.number + index) % len(table.edges)]
        self.number = self.state = 0
        self.connection = self.game = self.seat = self.slot = None
        # The slots that sit there beside its own, as it has been told.
        self.view = set()
        # When it last heard a message, and the longest that it has waited for one.
        self.heard_at = self.silence = 0.0

    def begin(self, game):
        self.game, self.slot, self.seat, self.state = game, None, None, 0

    async def create(self):
        """A new game, whatever it takes; None if time is over."""
        game = Game()
        self.begin(game)
        self.slot = 0
        message = {"type": "create", "clientId": self.client_id, "maxClients": self.table.players}
        pause = FIRST_PAUSE
        while not self.table.is_over:
            created = await self.attempt("/", message)
            if created and created["type"] == "created":
                game.code, game.instance = created["room"], created["instance"]
                self.table.games.append(game)
                return game
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        return None

    async def stay(self, game):
        """Plays until the game or time is over, and comes back after every end of a connection."""
        if self.slot is None:
            self.begin(game)
        while not game.ending and not self.table.is_over:
            if self.seat is None or self.seat.closed is not None:
                if not await self.come_in():
                    return
            await self.ended
            if self.connection.code == 4001:
                self.group.finish("room closed")

    async def come_in(self):
        """True as soon as it sits; false if the game or time is over."""
        # At once after a restart; else it may be its own network.
        pause = 0.0 if self.connection and self.connection.code == 1012 else FIRST_PAUSE
        target = f"/{self.game.code}" + (f"?instance={self.game.instance}" if self.is_pinned else "")
        message = {"type": "join", "clientId": self.client_id, "room": self.game.code}
        doubts_since = None
        while not self.game.ending and not self.table.is_over:
            await asyncio.sleep(pause)
            pause = min(max(pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
            answer = await self.attempt(target, message)
            if answer is None:
                continue
            if answer["type"] == "joined":
                return True
            if answer.get("message") == "Room not found":
                now = time.monotonic()
                self.game.not_found.append(now)
                doubts_since = doubts_since or now
                if now - doubts_since > BELIEF:
                    self.group.finish("not found")
        return False

    async def attempt(self, target, message):
        """The answer to the first message on a new connection; None if there is none."""
        self.ended = asyncio.get_running_loop().create_future()
        self.answer = asyncio.get_running_loop().create_future()
        self.seat = None
        try:
            self.connection = await Connection.open(
                self.edge.hostname, self.edge.port, target, self.source, self.hear, self.end)
            self.asked = time.monotonic()
            self.connection.send(message)
            async with asyncio.timeout(PATIENCE):
                answer = await self.answer
        except Refused as refused:
            self.table.refusals[str(refused.status)] += 1
            if refused.retry_after:
                await asyncio.sleep(refused.retry_after)
            return None
        except OSError as error:
            self.table.refusals[type(error).__name__] += 1
            with contextlib.suppress(AttributeError):
                self.connection.vanish()
            return None
        if answer and answer["type"] == "error":
            self.table.refusals[answer["message"]] += 1
            self.connection.leave()
        return answer

    # --- What the connection tells ---

    def hear(self, message):
        kind = message["type"]
        if self.seat is None:
            if kind in ["created", "joined"]:
                self.sit_down(message)
            if not self.answer.done():
                self.answer.set_result(message)
        elif kind == "message":
            self.seat.heard.append((message["from"], message["data"]["n"]))
            self.note_silence()
        elif kind == "state":
            number = message["data"]["state"]
            self.game.states.append((time.monotonic(), number))
            if self.is_new:
                self.seat.state = number
        elif kind in ["peer_joined", "peer_left"]:
            self.note_peer(kind == "peer_joined", message["index"])
        # The state follows the answer at once.
        self.is_new = kind in ["created", "joined"]

    def sit_down(self, message):
        now, index = time.monotonic(), message["index"]
        if self.slot is None:
            self.slot = index
        elif index != self.slot:
            self.game.contradictions.append(f"slot {index} instead of {self.slot}")
        self.seat = Seat(slot=index, asked=self.asked, opened=now, peers=tuple(message.get("peers", ())))
        self.game.seats.append(self.seat)
        self.view = set(self.seat.peers)
        self.heard_at, self.silence = now, 0.0
        loop = asyncio.get_running_loop()
        # Not all at the same moment.
        loop.call_later((self.index + 1) / self.table.players / self.table.rate, self.speak, self.seat)
        if self.slot == 0:
            loop.call_later(1.0, self.set_state, self.seat)

    def note_silence(self):
        now = time.monotonic()
        self.silence, self.heard_at = max(self.silence, now - self.heard_at), now

    def note_peer(self, has_come, index):
        if has_come == (index in self.view):
            self.game.contradictions.append(f"peer {index} {'came' if has_come else 'left'} twice")
        (self.view.add if has_come else self.view.discard)(index)

    def end(self):
        if self.seat is not None and self.seat.closed is None:
            self.seat.closed = time.monotonic()
        for future in [self.answer, self.ended]:
            if not future.done():
                future.set_result(None)

    # --- What it says ---

    def speak(self, seat):
        if seat is self.seat and seat.closed is None and not self.table.is_over:
            self.number += 1
            seat.sent.append((self.number, time.monotonic()))
            self.connection.send({"type": "send", "data": {"n": self.number}})
            asyncio.get_running_loop().call_later(1 / self.table.rate, self.speak, seat)

    def set_state(self, seat):
        if seat is self.seat and seat.closed is None and not self.table.is_over:
            self.state += 1
            self.connection.send({"type": "set_state", "data": {"state": self.state}})
            asyncio.get_running_loop().call_later(STATE_EVERY, self.set_state, seat)


class Group:
    """Players who sit in one room after the other."""

    def __init__(self, table, number):
        self.table, self.number = table, number
        self.players = [Player(table, self, index) for index in range(table.players)]
        self.game = None

    async def play(self):
        while not self.table.is_over:
            host, *guests = self.players
            for player in self.players:
                player.slot = None
            self.game = await host.create()
            if self.game is None:
                return
            await asyncio.gather(host.stay(self.game), *(self.follow(guest) for guest in guests))
            await asyncio.sleep(1)

    def finish(self, why):
        """The game is over for all."""
        if not self.game.ending:
            self.game.ending = why
            for player in self.players:
                if player.connection:
                    player.connection.leave()

    async def follow(self, guest):
        # One after the other, as people do.
        await asyncio.sleep(0.2 * guest.index)
        await guest.stay(self.game)

    def is_complete(self):
        """All sit in their room, and know that of each other."""
        if self.game is None or self.game.ending:
            return False
        slots = {player.slot for player in self.players}
        return all(
            player.seat is not None and player.seat.closed is None and player.game is self.game
            and player.view == slots - {player.slot} for player in self.players)

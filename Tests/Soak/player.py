"""A player: one connection of the soak, with its entry in the account."""

import json
import time

from link import PONG, READ_BYTES, Link, text_frames
from rooms import TO_ALL
from websocket import CLOSE, PING, TEXT, frame

# Shorter than the relay waits for the end of a connection that it closes.
CLOSE_SECONDS = 2


class Player:
    """A connection from its handshake to its end. It sends what the soak tells it to, and books what it hears."""

    def __init__(self, account, dice, port, room, client, replaced=None):
        self.account, self.dice, self.replaced = account, dice, replaced
        self.stay = account.join(room, client, replaced and replaced.stay)
        target = f"/{room.code}" if room.code and dice.random() < 0.5 else "/"
        self.link = Link(port, target, receive_bytes=dice.choice([None, None, 4096]))
        if room.code:
            ask = {"type": "join", "clientId": client, "room": room.code}
        else:
            ask = {"type": "create", "clientId": client, "maxClients": 500}
        # The first bytes may come in one piece with the handshake, or byte by byte.
        self.slowness = dice.choice([None, None, None, 7, 50])
        self.link.send(text_frames(json.dumps(ask).encode()))
        # Until then it does not read.
        self.frozen_until = 0
        # How many bytes it reads at once, and until when it reads less than it could.
        self.appetite, self.greedy_at = READ_BYTES, 0
        self.is_closing = self.is_reset = False
        # When it was last read, and when its end began.
        self.read_at, self.goodbye_at = time.monotonic(), float("inf")
        # What the crowd waits for.
        self.events = 0
        if dice.random() < 0.3:
            # Without waiting for its place.
            for _ in range(dice.randrange(1, 4)):
                self.send(filling=dice.randrange(40))
            self.has_greeted = True
        else:
            self.has_greeted = False

    # What it sends

    def send(self, recipient=TO_ALL, filling=0):
        data = self.account.send(self.stay, recipient, filling)
        to = b"" if recipient == TO_ALL else b',"to":%d' % recipient
        self.put(b'{"type":"send","data":%b%b}' % (data, to))

    def set_state(self, recipient, filling):
        self.put(b'{"type":"set_state","data":%b}' % self.account.send(self.stay, recipient, filling))

    def echo(self):
        """Sends itself a message, which comes back when all before it has been read."""
        self.send(self.stay.slot)

    def put(self, text):
        self.link.send(text_frames(text, self.dice.randrange(len(text)) if self.dice.random() < 0.05 else None))

    def close_room(self):
        self.account.close_room(self.stay)
        self.put(b'{"type":"close_room"}')

    def leave(self):
        """Closes it as the protocol wants it, in the middle of everything."""
        self.account.leave(self.stay, "says goodbye")
        self.say_goodbye()

    def say_goodbye(self):
        self.stay.may_close.add(1000)
        self.link.send(frame(CLOSE, (1000).to_bytes(2, "big") + b"bye"))
        self.is_closing, self.goodbye_at = True, min(self.goodbye_at, time.monotonic())

    def hang_up(self):
        """Ends it without a word, but after all that it has sent."""
        self.account.leave(self.stay, "hangs up")
        self.account.end(self.stay)
        self.link.flush()
        self.link.has_ended = True

    def reset(self):
        self.account.leave(self.stay, "resets")
        self.account.end(self.stay)
        self.is_reset = True
        self.link.has_ended = True

    # What it hears

    def read(self):
        frames = self.link.read(self.appetite)
        stay, hear = self.stay, self.account.hear
        for opcode, payload in frames:
            if opcode == TEXT:
                hear(stay, payload)
            elif opcode == PING:
                self.link.send(frame(PONG, payload))
            elif opcode == CLOSE:
                self.hear_close(payload)
                return
        if stay.is_seated and not self.has_greeted and not stay.has_ended:
            # So that the others hear of it.
            self.has_greeted = True
            self.send()
        if stay.refused and not self.is_closing:
            self.say_goodbye()
        if self.link.has_ended and not stay.has_ended:
            self.hear_end()
        self.read_at = time.monotonic()

    def hear_end(self):
        now = time.monotonic()
        if self.stay.is_doomed and now - min(self.read_at, self.goodbye_at) > CLOSE_SECONDS:
            # The relay waits no longer than that for one who does not read its close frame.
            self.account.end(self.stay)
        else:
            self.account.hear_end(self.stay)

    def hear_close(self, payload):
        code = int.from_bytes(payload[:2], "big")
        self.account.hear_close(self.stay, code, payload[2:].decode())
        if not self.is_closing:
            self.link.send(frame(CLOSE, payload[:2]))
            self.link.flush()
        self.link.has_ended = True

    @property
    def is_playing(self):
        return self.stay.is_solid() and not self.link.has_ended

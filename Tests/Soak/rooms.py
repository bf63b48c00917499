"""Rooms and stays as the account knows them: who has sent what, and who must have been sent it."""

import collections
import random

# The recipients of an entry that are no slot: all others, and all others as the room's snapshot.
TO_ALL, STATE = -1, -2
# What messages are filled up with, no two places alike: bytes that are lost, doubled or moved show.
FILLING = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=1 << 18))
PLACES = 1 << 10


class Room:
    """A room. It knows what the relay has answered, not what the relay believes."""

    def __init__(self):
        self.code = None
        # The slot of each client, for good.
        self.slots = {}
        self.stays = []
        # Slots in which a connection has ended or was to end: a message to one may find nobody.
        self.unsure = set()
        # The newest snapshot that the relay has certainly read: the number of the stay, and of its message.
        self.state = None
        # True once the room may be gone: nobody may be sent there any more.
        self.is_ending = False

    def solid(self):
        return [stay for stay in self.stays if stay.is_solid()]

    def end(self):
        """The room may end from now on, so whoever is on the way to it may find nothing."""
        self.is_ending = True
        for stay in self.stays:
            stay.may_miss = True


class Stream:
    """What one stay hears from another one."""

    __slots__ = ("next", "due", "is_heard")

    def __init__(self, floor):
        # No message below this number may come any more.
        self.next = floor
        # From this number on every message must come; None as long as that is not known.
        self.due = None
        self.is_heard = False

    def must_from(self, number):
        if self.due is None or number < self.due:
            self.due = number


class Stay:
    """One connection in a room, from its `join` or `create` to its end."""

    def __init__(self, number, room, client):
        self.number, self.room, self.client = number, room, client
        self.slot = None
        # The slot under which others have heard it, before its own answer was read.
        self.claimed = None
        # The recipient and the length of the filling of each message that it has sent.
        self.log = []
        # As many of them the relay has certainly read.
        self.confirmed = 0
        self.streams = {}
        # The latest stay that it has heard from in each slot.
        self.voices = {}
        self.peers = set()
        # What must have come once an own message is back: the stays, and how many of their messages.
        self.echoes = {}
        # As many messages it had sent when it closed its room.
        self.close_room_after = None
        self.closed_with = None
        self.awaits_state = False
        self.oldest_state = None
        self.may_miss = False
        self.may_close = set()
        # True once something has begun that ends it.
        self.is_doomed = False
        self.has_ended = False
        # True once the relay has certainly let go of it.
        self.is_gone = False
        self.refused = 0
        # The slots that must, and those that may be among its `peers`, as of its `join`.
        self.must_meet, self.may_meet = [], []
        self.events = collections.deque(maxlen=24)

    @property
    def is_seated(self):
        return self.slot is not None

    def is_solid(self):
        return self.slot is not None and not self.is_doomed and not self.has_ended

    def stream(self, sender):
        stream = self.streams.get(sender.number)
        if stream is None:
            stream = self.streams[sender.number] = Stream(floor=0)
        return stream

    def data(self, number):
        """The data of one of its messages."""
        place = number % PLACES
        return f'[{self.number},{number},"{FILLING[place:place + self.log[number][1]]}"]'.encode()

    def is_for(self, number, receiver):
        """True if the relay must send this message to a receiver that is in the room."""
        recipient = self.log[number][0]
        if recipient < 0:
            return receiver.slot != self.slot
        return receiver.slot == recipient

    def __str__(self):
        return f"connection {self.number} in slot {self.slot} of room {self.room.code}"

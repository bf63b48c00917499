"""Many rooms in which all members play at once, and the last messages that each player receives."""

import contextlib
import json
import os
import selectors
import time

from websocket import CLOSE, CREATE, FINAL, PING, TEXT, WebSocket, frame, text_frame

MOVE = text_frame({"type": "send", "data": "a move in the game"})
CLOSE_ROOM = text_frame({"type": "close_room"})


class Player:
    """One connection that has joined its room."""

    def __init__(self, connection, room):
        self.room = room
        self.connection = connection
        self.connection.channel.setblocking(False)
        self.unread = b""
        self.moves = 0
        # True if another member of the room has left before this one.
        self.was_left = False
        self.closed_at = self.code = self.reason = None

    def send(self, frame):
        # After its close frame the machine may be gone before the answer.
        with contextlib.suppress(ConnectionError):
            self.connection.channel.send(frame)

    def read(self):
        """Reads what has arrived; returns whether there may be more."""
        try:
            data = self.connection.stream.read1(65_536)
        except ConnectionResetError:
            data = b""
        if data:
            self.unread += data
            self.take_frames()
        return data != b""

    def take_frames(self):
        while len(self.unread) >= 2:
            start, length = 2, self.unread[1]
            if length == 126:
                start, length = 4, int.from_bytes(self.unread[2:4], "big")
            if len(self.unread) < start + length:
                return
            self.hear(self.unread[0] ^ FINAL, self.unread[start:start + length])
            self.unread = self.unread[start + length:]

    def hear(self, opcode, payload):
        if opcode == CLOSE:
            self.closed_at = time.monotonic()
            self.code, self.reason = int.from_bytes(payload[:2], "big"), payload[2:].decode()
            self.send(frame(CLOSE, payload[:2]))
        elif opcode == TEXT:
            kind = json.loads(payload)["type"]
            self.moves += kind == "message"
            self.was_left = self.was_left or kind == "peer_left"


class Crowd:
    """The players of all rooms on one machine. Each makes a move every second while it is connected."""

    def __init__(self, url, machine, rooms, members):
        self.selector = selectors.DefaultSelector()
        self.players = []
        for room in range(rooms):
            connections = [WebSocket(url, f"/?instance={machine.id}") for _ in range(members)]
            code = connections[0].ask(CREATE)["room"]
            for index, guest in enumerate(connections[1:]):
                assert guest.ask({"type": "join", "clientId": f"guest {index}", "room": code})["type"] == "joined"
            self.players += [Player(connection, room) for connection in connections]
        for player in self.players:
            self.selector.register(player.connection.channel, selectors.EVENT_READ, player)
            # Messages that were read together with the answer to its last request.
            player.read()
        self.next_moves = [time.monotonic() + index / len(self.players) for index in range(len(self.players))]
        self.machine = os.pidfd_open(machine.pid)
        self.selector.register(self.machine, selectors.EVENT_READ)
        # The time at which the machine had ended.
        self.ended_at = None

    def hosts(self):
        return self.players[::len(self.players) // (self.players[-1].room + 1)]

    def play(self, seconds=60.0, meanwhile=lambda: None):
        """Plays until the time is over or the machine has ended."""
        end = time.monotonic() + seconds
        while self.ended_at is None and time.monotonic() < end:
            self.make_moves()
            meanwhile()
            for key, _ in self.selector.select(0.005):
                if key.fd == self.machine:
                    self.ended_at = time.monotonic()
                elif not key.data.read():
                    self.selector.unregister(key.fileobj)
        # The machine's last messages.
        for key in list(self.selector.get_map().values()):
            while key.data and key.data.read() and self.ended_at:
                pass

    def make_moves(self):
        now = time.monotonic()
        for index, player in enumerate(self.players):
            if self.next_moves[index] <= now and player.code is None:
                self.next_moves[index] += 1
                player.send(MOVE)

    def rooms(self):
        return [[player for player in self.players if player.room == room]
                for room in range(self.players[-1].room + 1)]

    def close(self):
        for player in self.players:
            player.connection.__exit__()
        self.selector.close()
        os.close(self.machine)

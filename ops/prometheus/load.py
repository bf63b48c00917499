"""A load on four machines of which every message is known."""

import itertools
import json
import os
import signal
import socket
import time

from support import eventually, send
from usage import Usage
from websocket import CLOSE, FINAL, TEXT, WebSocket, frame

GAME = "https://game.example"
# As from a proxy: a request without it would be a sibling's probe.
PROXIED = [("X-Forwarded-For", "192.0.2.1")]
# The machines' settings: a limit for the load to exceed, no drop of clients that neither read nor answer pings, and no
# secret with which a machine that drains would hand over its rooms and be gone.
ENVIRONMENT = {
    "MAX_CLIENTS_PER_ROOM": "8", "MAX_CONNECTIONS": "500", "MAX_ROOMS": "100", "MAX_QUEUED_BYTES": str(64 << 20),
    "IDLE_TIMEOUT_SECONDS": "0", "LOG_LEVEL": "info", "CLUSTER_SECRET": ""}
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class Room:
    """A game with all its members, who read nothing before the end: the messages fit into the kernel's buffers."""

    def __init__(self, load, machine, members):
        self.load, self.machine = load, machine
        self.members = [load.connect(machine, GAME)]
        self.code = load.create(machine, self.members[0], 8)
        for index in range(1, members):
            self.members.append(self.join(index, "new", others=index))

    def join(self, index, kind, others):
        guest = self.load.connect(self.machine)
        guest.send({"type": "join", "clientId": f"guest {index}", "room": self.code})
        self.load.heard(self.machine, guest)
        self.load.note(self.machine, "joins", kind)
        # A takeover of an open connection's slot is not announced.
        announced = 0 if kind == "replaced" else others
        self.load.note(self.machine, "deliveries", times=1 + announced)
        return guest

    def broadcast(self, sender=0):
        self.members[sender].send({"type": "send", "data": "to all"})
        self.load.sent(self.machine)
        self.load.note(self.machine, "deliveries", times=len(self.members) - 1)

    def tell_host(self, sender):
        self.members[sender].send({"type": "send", "to": 0, "data": "to the host"})
        self.load.sent(self.machine)
        self.load.note(self.machine, "deliveries")

    def leave_and_return(self, index):
        guest = self.members[index]
        guest.channel.sendall(frame(CLOSE, (1000).to_bytes(2, "big")))
        self.load.until_close(guest)
        guest.__exit__()
        self.load.note(self.machine, "closes", "1000")
        self.load.note(self.machine, "deliveries", times=len(self.members) - 1)
        self.members[index] = self.join(index, "reclaimed", others=len(self.members) - 1)

    def take_over(self, index):
        old, self.members[index] = self.members[index], self.join(index, "replaced", others=len(self.members) - 1)
        self.load.until_close(old)
        old.__exit__()
        self.load.note(self.machine, "closes", "4000")


class Load:
    """Machines a and b are siblings with different loads, c is in another region, d idles beside c."""

    PACE = 0.1

    def __init__(self, ledger, machines):
        self.ledger, self.machines = ledger, machines
        self.a, self.b, self.c, self.d = machines
        self.unknown_codes = ("1" + "".join(letters) for letters in itertools.product(BASE58, repeat=5))
        # One for each origin, so that a scrape finds its series before they increase.
        self.strays = {machine: self.connect(machine, GAME) for machine in machines}
        self.rooms = {self.a: [], self.b: [], self.c: [], self.d: []}
        self.usage = Usage(machines)

    def gather(self):
        self.rooms[self.a] = [Room(self, self.a, members=4) for _ in range(3)]
        self.rooms[self.b] = [Room(self, self.b, members=3) for _ in range(2)]
        self.rooms[self.c] = [Room(self, self.c, members=2)]

    def clients(self, machine):
        return sum(len(room.members) for room in self.rooms[machine])

    def web_sockets(self, machine):
        return self.clients(machine) + 1

    # What is counted

    def note(self, machine, name, label="", times=1):
        self.ledger.count(machine, name, label, times)

    def sent(self, machine):
        self.note(machine, "messages_received")

    def heard(self, machine, connection):
        """The answer to a message that has just been sent."""
        self.sent(machine)
        return connection.receive()

    def connect(self, machine, origin=None):
        self.note(machine, "connections", origin or "unknown")
        return WebSocket(f"http://{machine.address}", "/", f"Origin: {origin}\r\n" if origin else "")

    def create(self, machine, host, most, client_id="host"):
        host.send({"type": "create", "clientId": client_id, "maxClients": most})
        answer = self.heard(machine, host)
        self.note(machine, "deliveries")
        if answer["type"] == "created":
            self.note(machine, "rooms_created", GAME)
        return answer.get("room")

    @staticmethod
    def until_close(connection):
        while connection.receive_frame()[0] != CLOSE:
            pass

    # What happens all the time

    def play(self, seconds):
        start = time.monotonic()
        for tick in range(round(seconds / self.PACE)):
            # A late round catches up.
            time.sleep(max(start + tick * self.PACE - time.monotonic(), 0))
            room = self.rooms[self.a][tick % 3]
            room.broadcast()
            room.tell_host(sender=1)
            self.rooms[self.b][tick % 2].broadcast()
            if tick % 2 == 0:
                self.rooms[self.c][0].broadcast(sender=1)
            if tick % 10 == 0:
                self.usage.sample()
                self.come_and_go()
                self.make_mistakes()
                self.ask_around()
            if tick % 40 == 0:
                self.come_back()

    def come_and_go(self):
        self.rooms[self.a][0].leave_and_return(index=1)
        self.rooms[self.b][0].take_over(index=1)
        with self.connect(self.b, GAME) as host:
            # More than MAX_CLIENTS_PER_ROOM.
            self.create(self.b, host, 9)
            self.note(self.b, "limits", "clients_per_room")
            host.send({"type": "close_room"})
            self.sent(self.b)
            self.until_close(host)
            self.note(self.b, "closes", "4001")

    def make_mistakes(self):
        stray = self.strays[self.a]
        for message, error in [
                ({"type": "send", "data": 1}, "not_in_room"), ({"type": "set_state", "data": 1}, "not_in_room"),
                ({"type": "join", "clientId": "x", "room": "111111"}, "room_not_found"),
                ({"type": "dance"}, "unknown_message_type")]:
            stray.send(message)
            assert self.heard(self.a, stray)["type"] == "error"
            self.fault(error)
        stray.send({"type": "create", "clientId": "x" * 300, "maxClients": 2})
        assert self.heard(self.a, stray)["message"] == "clientId is too long"
        self.fault("client_id_too_long")
        self.note(self.a, "limits", "client_id_bytes")
        with socket.create_connection(address_of(self.a), timeout=30) as channel:
            channel.sendall(b"nonsense\r\n\r\n")
            assert b" 400 " in channel.recv(1000)
        self.note(self.a, "bad_requests")
        # As behind a proxy that passes on neither Upgrade nor Connection.
        assert self.ask("/", ("Sec-WebSocket-Key", "AQIDBAUGBwgJCgsMDQ4PEA==")).status == 426
        self.note(self.a, "handshakes_refused", "upgrade_and_connection_missing")
        with self.connect(self.a) as rude:
            # Not masked.
            rude.channel.sendall(bytes([FINAL | TEXT, 2]) + b"{}")
            self.until_close(rude)
        self.note(self.a, "closes", "1002")

    def fault(self, error):
        self.note(self.a, "errors", error)
        self.note(self.a, "deliveries")

    def ask_around(self):
        for target, kind, times in [
                (f"/?instance={self.b.id}", "pin", 2), (f"/room/{self.rooms[self.c][0].code}", "region", 1),
                (f"/room/{self.rooms[self.b][0].code}", "sibling", 1)]:
            for _ in range(times):
                assert self.ask(target).status == 409, target
                self.note(self.a, "replays", kind)
        self.note(self.a, "sibling_lookups", "found")
        self.note(self.a, "room_lookups_first_right")
        self.note(self.a, "sibling_probes", "found")
        assert self.ask(f"/room/{next(self.unknown_codes)}").status == 404
        self.note(self.a, "sibling_lookups", "not_found")
        self.note(self.a, "sibling_probes", "not_found")

    def come_back(self):
        """A request as it comes back after a failed replay."""
        assert self.ask(
            f"/room/{next(self.unknown_codes)}", ("fly-replay-failed", "instance=x;reason=timeout")).status == 404
        self.note(self.a, "replay_fallbacks")

    def ask(self, target, *headers):
        return send(f"http://{self.a.address}", target, [*PROXIED, *headers])

    # What lasts

    def stop_reading(self, is_slow):
        """A member on machine a who stops reading, and is sent so much that the relay queues it."""
        room = Room(self, self.a, members=2)
        self.rooms[self.a].append(room)
        room.members[1].channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for _ in range(40):
            room.members[0].send({"type": "send", "data": "x" * (1 << 20)})
            self.sent(self.a)
            self.note(self.a, "deliveries")
            if is_slow():
                return
        raise AssertionError("40 MiB for one who does not read, and nothing waits for him")

    # The end of a machine

    def drain(self, machine):
        """Drains a machine, and sends a new player to it until the player is replayed elsewhere."""
        os.kill(machine.pid, signal.SIGTERM)
        url = f"http://{machine.address}"
        if not eventually(lambda: send(url, "/ready").status == 503):
            raise AssertionError("a machine does not drain")
        # Until it knows that another machine takes new games, it accepts new players.
        if not eventually(lambda: self.is_sent_elsewhere(machine)):
            raise AssertionError("a machine that drains keeps new players")

    def is_sent_elsewhere(self, machine):
        with WebSocket(f"http://{machine.address}", "/") as newcomer:
            if newcomer.status == 409:
                self.note(machine, "replays", "elsewhere")
            else:
                self.note(machine, "connections", "unknown")
            return newcomer.status == 409


def address_of(machine):
    host, port = machine.address.split(":")
    return host, int(port)

"""What connections and rooms take of a machine's memory."""

import statistics
from typing import NamedTuple

from sizing.sizes import CONNECTIONS


class Held(NamedTuple):
    """So many connections, held without traffic."""

    connections: int
    rooms: int
    resident_bytes: int
    # Of the kernel of the whole machine, more than without them; both ends of each connection are on it.
    kernel_bytes: int


class Memory(NamedTuple):
    """Bytes."""

    fresh: int
    # A WebSocket that sits in no room.
    connection: float
    # A room of a party with all its seats.
    room: float
    # Of the kernel, for one end of a connection.
    kernel: float

    @property
    def member(self):
        """A connection in a room of a party, with its part of the room."""
        return self.connection + self.room / CONNECTIONS

    def machine(self, connections, resident):
        """What a relay with so many connections takes of its machine, with the kernel's part."""
        return resident + connections * self.kernel


def per_connection(points):
    """The slope of resident memory over connections: jumps where tables double count as much as the way between."""
    line = statistics.linear_regression(
        [each.connections for each in points], [each.resident_bytes for each in points])
    return line.slope


def model(fresh, alone, seated):
    """From a relay without connections, some with connections in no room, and one with as many in rooms."""
    same = max(alone, key=lambda each: each.connections)
    if seated.connections > same.connections or seated.rooms == 0:
        raise ValueError("rooms are compared with as many connections outside of rooms")
    # Not from a fresh one: what the first connections bring into memory, such as code, is no part of a connection's.
    connection = per_connection(alone)
    outside = same.resident_bytes - (same.connections - seated.connections) * connection
    return Memory(
        fresh, connection, (seated.resident_bytes - outside) / seated.rooms,
        max(0, same.kernel_bytes / 2 / same.connections))

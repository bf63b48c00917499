"""The siblings of a relay, all in one process: each listens on an address of its own and says which rooms it has.

    siblings.py PORT DIRECTORY

DIRECTORY/siblings has a line for each: its id, its address and its conduct. DIRECTORY/rooms has a line for each room:
its code and the id of the sibling that has it. Prints "ready"; for each line on its input it prints how many requests
there were and how many connections, and counts from zero again.
"""

import asyncio
import pathlib
import sys

MARK = "Access-Control-Expose-Headers: X-Instance-Id, Retry-After\r\nCache-Control: no-store\r\n"
ROOM = '{"clients":1,"maxClients":8,"origin":"unknown"}'
NO_ROOM = '{"error":"Room not found"}'


class Counts:
    requests = connections = 0


class Connection(asyncio.Protocol):
    """One connection to a sibling. A relay keeps it; the original is asked once on each; a frozen one says nothing."""

    def __init__(self, machine, conduct, rooms, counts):
        self.machine, self.conduct, self.rooms, self.counts = machine, conduct, rooms, counts
        self.rest = b""

    def connection_made(self, transport):
        self.counts.connections += 1
        self.transport = transport

    def data_received(self, data):
        *requests, self.rest = (self.rest + data).split(b"\r\n\r\n")
        answers = []
        for request in requests:
            self.counts.requests += 1
            path, _, pin = request.split(b" ", 2)[1].decode().partition("?instance=")
            assert pin == self.machine, f"{self.machine} was asked for {pin}"
            answers.append(self.answer(path.removeprefix("/room/")))
        if self.conduct == "frozen":
            return
        self.transport.write("".join(answers).encode())
        if requests and self.conduct == "original":
            self.transport.close()

    def answer(self, code):
        status, body = ("200 OK", ROOM) if self.rooms.get(code) == self.machine else ("404 Not Found", NO_ROOM)
        mark = "" if self.conduct == "original" else MARK
        return (f"HTTP/1.1 {status}\r\nX-Instance-Id: {self.machine}\r\nContent-Type: application/json\r\n{mark}"
                f"Content-Length: {len(body)}\r\n\r\n{body}")


async def main(port, directory):
    siblings = [line.split() for line in (directory / "siblings").read_text().splitlines()]
    rooms = dict(line.split() for line in (directory / "rooms").read_text().splitlines())
    loop, counts = asyncio.get_running_loop(), Counts()
    for machine, address, conduct in siblings:
        if conduct == "dead":
            continue
        await loop.create_server(
            lambda machine=machine, conduct=conduct: Connection(machine, conduct, rooms, counts), address, port,
            backlog=4_096)
    print("ready", flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(counts.requests, counts.connections, flush=True)
        counts.requests = counts.connections = 0


asyncio.run(main(int(sys.argv[1]), pathlib.Path(sys.argv[2])))

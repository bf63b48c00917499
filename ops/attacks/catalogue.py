"""The attacks, by name: what each does, how large it is, and how small in its short form."""

from typing import Callable, NamedTuple

import broadcasts
import floods
import hoards
import rooms

KIB, MIB = 1 << 10, 1 << 20
# More than the default, for a crowd and those who read beside it.
CROWD = {"MAX_CLIENTS_PER_ROOM": "1100"}


class Attack(NamedTuple):
    title: str
    # Plays it on a stage, with the sizes by name.
    play: Callable
    sizes: dict
    # Those that differ in the short form.
    short: dict = {}
    environment: dict = {}
    # How much longer than others it takes to be felt.
    duration: float = 1.0


def nothing(stage):
    stage.hold()


def broadcast(title, size, times, **more):
    return Attack(
        title, broadcasts.to_silent_crowd, {"silent": 999, "reading": 60, "size": size, "times": times},
        environment=CROWD, **more)


ATTACKS = {
    "none": Attack("no attack: what the machine itself does to the figures", nothing, {}),
    "broadcast-2m": broadcast("one message of 2 MiB to 999 who do not read, and 60 who do", 2 * MIB, 1),
    "broadcast-2m-3": broadcast("three of them", 2 * MIB, 3),
    "broadcast-500k": broadcast("12 messages of 500 kB to the same", 500_000, 12, short={"silent": 200}),
    "broadcast-40k": broadcast("150 messages of 40 kB to the same", 40_000, 150, short={"silent": 200, "times": 60}),
    "never-read": Attack(
        "500 who never read, in 10 rooms whose hosts flood 4 kB messages", broadcasts.floods_to_silent,
        {"rooms": 10, "silent": 50, "size": 4096}, short={"rooms": 5, "silent": 40}),
    "trickle": Attack(
        "200 who read 2 kB a second of messages of 64 kB", broadcasts.floods_to_silent,
        {"rooms": 4, "silent": 50, "size": 64 * KIB, "sip": 2048}, short={"rooms": 2}),
    "echoes": Attack(
        "200 who send 1 MiB to themselves, over and over, and never read", broadcasts.echoes,
        {"count": 200, "size": MIB}, short={"count": 50}),
    "half-messages": Attack(
        "500 halves of messages of 1 MiB", hoards.half_messages, {"count": 500, "size": MIB}, short={"count": 250}),
    "half-fragments": Attack(
        "500 times half a MiB in fragments of 16 kB, without a last one", hoards.half_fragments,
        {"count": 500, "size": MIB // 2, "each": 16 * KIB}, short={"count": 250}),
    "tiny-fragments": Attack(
        "500 times 100 kB in fragments of 1 byte, without a last one", hoards.half_fragments,
        {"count": 500, "size": 100_000, "each": 1}, short={"count": 100}),
    "heads": Attack(
        "18,000 requests of 15 KiB, dribbled, that never end", hoards.heads, {"count": 18_000, "size": 15 * KIB},
        short={"count": 8_000}),
    "honest-sender": Attack(
        "6,800 hold 15 kB of a message each while an honest member sends 42 messages of 200 kB",
        hoards.beside_honest_sender, {"count": 6_800, "size": 15_000, "messages": 42, "of": 200_000},
        short={"messages": 20}),
    "pings": Attack(
        "200 who flood pings, and read no pong", floods.pings, {"count": 200}, short={"count": 100}),
    "metrics": Attack(
        "2,000 who pipeline GET /metrics, and read nothing", floods.pipelines,
        {"count": 2_000, "path": "/metrics"}, short={"count": 500}),
    "files": Attack(
        "2,000 who pipeline GET /demo, and read nothing", floods.pipelines,
        {"count": 2_000, "path": "/demo"}, short={"count": 500}),
    "lookups": Attack(
        "2,000 who pipeline GET /room/CODE, and read nothing", floods.pipelines,
        {"count": 2_000, "path": "/room/{code}"}, short={"count": 500}),
    "churn": Attack("rooms made and left at full speed", rooms.churn, {"workers": 2, "open": 200}),
    "client-ids": Attack(
        "45 connections that join with ever new ids of 250 bytes", rooms.client_ids,
        {"workers": 3, "open": 15, "rooms": 60}, duration=8.0),
    "states": Attack(
        "10,000 rooms with a snapshot of 16 kB and a url of 512 bytes", rooms.states,
        {"count": 10_000, "workers": 2, "as_sent": 16_384}, short={"count": 4_000}),
    "wide-states": Attack(
        "the same with 64 kB of white space in each snapshot", rooms.states,
        {"count": 10_000, "workers": 2, "as_sent": 65_536}, short={"count": 2_000}),
    "connections": Attack(
        "18,000 WebSockets that join no room", hoards.connections, {"count": 18_000}, short={"count": 6_000}),
    "storm": Attack(
        "a room of 400 who all send 16 kB to all others, and read nothing", broadcasts.storm,
        {"count": 400, "size": 16 * KIB}, short={"count": 150}),
    "takeovers": Attack(
        "connections that take over each other's slots", rooms.client_ids,
        {"workers": 3, "open": 15, "rooms": 60, "ids": 60}),
    "origins": Attack(
        "ever new origins with names of 15 kB", rooms.origins, {"workers": 2, "open": 200, "size": 15_000}),
    "addresses": Attack(
        "unknown codes in the name of ever new addresses", floods.addresses, {"workers": 2, "count": 20},
        environment={"CLIENT_IP_HEADER": "X-Forwarded-For"}),
}

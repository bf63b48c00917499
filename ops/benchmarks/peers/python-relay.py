#!/usr/bin/env python3
"""The relay's protocol on picows and uvloop, the fastest that Python has for WebSockets: a peer of the benchmarks.

It has what the load needs (create, join, send, one's slot back by clientId), and no limit, metric or drain to pay for.
"""

import asyncio
import json
import os
import secrets

import uvloop
from picows import WSListener, WSMsgType, WSUpgradeResponse, WSUpgradeResponseWithListener, ws_create_server

DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
rooms = {}


class Room:
    def __init__(self, places):
        self.code = unused_code()
        self.places = places
        self.slots = {}
        self.members = {}

    def tell_others(self, member, text):
        for other in self.members.values():
            if other is not member:
                other.transport.send(WSMsgType.TEXT, text)


class Member(WSListener):
    """One connection."""

    room = None
    slot = -1

    def on_ws_connected(self, transport):
        self.transport = transport

    def on_ws_frame(self, transport, frame):
        if frame.msg_type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            if frame.msg_type == WSMsgType.CLOSE:
                transport.send_close(frame.get_close_code())
                transport.disconnect()
            return
        try:
            message = json.loads(frame.get_payload_as_bytes())
        except ValueError:
            return self.refuse("Invalid JSON")
        kind = message.get("type") if isinstance(message, dict) else None
        act = ACTIONS.get(kind) if isinstance(kind, str) else None
        return act(self, message) if act else self.refuse("Unknown message type")

    def on_ws_disconnected(self, transport):
        if not self.room:
            return
        del self.room.members[self.slot]
        if self.room.members:
            self.room.tell_others(self, text_of(type="peer_left", index=self.slot))
        else:
            del rooms[self.room.code]

    def answer(self, **message):
        self.transport.send(WSMsgType.TEXT, text_of(**message))

    def refuse(self, reason):
        self.answer(type="error", message=reason)

    def seat(self, room, slot):
        self.room, self.slot = room, slot
        room.members[slot] = self

    def create(self, message):
        client, places = message.get("clientId"), message.get("maxClients")
        if self.room:
            return self.refuse("Already in a room")
        if not isinstance(client, str) or not client:
            return self.refuse("clientId is required")
        if not isinstance(places, (int, float)) or isinstance(places, bool) or places < 1:
            return self.refuse("maxClients must be a positive number")
        room = Room(places)
        room.slots[client] = 0
        rooms[room.code] = room
        self.seat(room, 0)
        self.answer(type="created", room=room.code, instance="", region="", index=0)

    def join(self, message):
        client, code = message.get("clientId"), message.get("room")
        if self.room:
            return self.refuse("Already in a room")
        if not isinstance(client, str) or not client:
            return self.refuse("clientId is required")
        if not isinstance(code, str) or not code:
            return self.refuse("room is required")
        room = rooms.get(code)
        if room is None:
            return self.refuse("Room not found")
        slot = room.slots.get(client, len(room.slots))
        replaced = room.members.get(slot)
        if replaced is None and len(room.members) >= room.places:
            return self.refuse("Room is full")
        if replaced:
            replaced.room = None
            replaced.transport.send_close(4000, b"replaced")
            replaced.transport.disconnect()
        room.slots[client] = slot
        self.seat(room, slot)
        peers = sorted(other for other in room.members if other != slot)
        self.answer(type="joined", room=code, index=slot, peers=peers)
        if not replaced:
            room.tell_others(self, text_of(type="peer_joined", index=slot))

    def send(self, message):
        if not self.room:
            return self.refuse("Not in a room")
        data = {"data": message["data"]} if "data" in message else {}
        text = text_of(type="message", **{"from": self.slot}, **data)
        if "to" not in message:
            return self.room.tell_others(self, text)
        to = message["to"]
        target = self.room.members.get(to) if isinstance(to, (int, float)) else None
        return target.transport.send(WSMsgType.TEXT, text) if target else self.refuse("Target peer not found")


ACTIONS = {"create": Member.create, "join": Member.join, "send": Member.send}


def text_of(**message):
    return ENCODER.encode(message).encode()


def unused_code():
    rest, code = secrets.randbits(35), ""
    for _ in range(6):
        rest, digit = divmod(rest, 58)
        code = DIGITS[digit] + code
    return unused_code() if code in rooms else code


def enter(request):
    if request.path == b"/health":
        return WSUpgradeResponseWithListener(WSUpgradeResponse.create_ok_response(b'{"status":"ok"}'), None)
    return Member()


async def main():
    server = await ws_create_server(
        enter, os.environ["HOST"], int(os.environ["PORT"]), backlog=4096, websocket_handshake_timeout=10,
        enable_auto_ping=True, auto_ping_idle_timeout=5, auto_ping_reply_timeout=5)
    await server.serve_forever()


uvloop.run(main())

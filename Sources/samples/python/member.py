"""A seat in a room, over as many connections as it takes (pip install websockets)."""

import asyncio
import json
import random
import secrets
import time

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

# After these closes the game is over for this client. After any other it comes back, after 1012 at once.
FINAL_CLOSES = {1000: "left", 4000: "this player is on another connection", 4001: "the room was closed", 4003: "kicked"}
MOVED = 1012
GOODBYES = {"leave", "close_room"}
# Refusals that pass. Others are final, but a room that one has been in may be on its way to another machine.
PASSING_ERRORS = {"room_full", "server_full", "server_draining", "too_many_attempts"}
# Seconds: to come back in; without a word until a ping; for its answer, or for a connection.
BUDGET, QUIET, PATIENCE = 180, 5, 5


class Member:
    def __init__(self, url, receive, **hello):
        """`receive` is called with each message; `hello` is a `create` or a `join`."""
        self.url, self.receive, self.socket = url.rstrip("/"), receive, None
        # Whoever knows a clientId can take its seat: 128 random bits, which nobody else sees.
        self.hello = {**hello, "v": 3, "clientId": secrets.token_hex(16)}
        self.is_leaving = False

    async def say(self, **message):
        """Sends it, or drops it while there is no connection. After a goodbye this client does not come back."""
        self.is_leaving |= message["type"] in GOODBYES
        try:
            if self.socket:
                await self.socket.send(json.dumps(message))
        except ConnectionClosed:
            pass

    async def play(self):
        """Returns when the game is over, and why."""
        tries, noes, was_seated, deadline = 0, 0, False, time.monotonic() + BUDGET
        while not self.is_leaving:
            code, refusal, is_seated = 1006, None, False
            try:
                # The path leads to the machine that has the room.
                address = f"{self.url}/{self.hello.get('room', '')}"
                async with connect(address, open_timeout=PATIENCE, ping_interval=None) as self.socket:
                    # A goodbye may have been said meanwhile.
                    if self.is_leaving:
                        break
                    await self.say(**self.hello)
                    while refusal is None:
                        message = await self.hear()
                        if message["type"] in ("created", "joined"):
                            self.hello |= {"type": "join", "room": message["room"]}
                            is_seated, was_seated, tries, noes = True, True, 0, 0
                        if message["type"] == "error" and not is_seated:
                            refusal = message
                        else:
                            await self.receive(message)
            except ConnectionClosed as end:
                code = end.rcvd.code if end.rcvd else code
            except (OSError, TimeoutError, WebSocketException):
                pass
            wait = 0 if code == MOVED and is_seated else min(2, 0.2 * 2**tries) * random.uniform(0.5, 1)
            if refusal and refusal.get("code") == "room_not_found" and was_seated and not noes:
                noes, wait = 1, 2.2
            elif refusal and refusal.get("code") in PASSING_ERRORS:
                wait = max(wait, refusal.get("retryAfter", 0))
            elif refusal or code in FINAL_CLOSES:
                return refusal["message"] if refusal else FINAL_CLOSES[code]
            if is_seated:
                deadline = time.monotonic() + BUDGET
                await self.receive({"type": "away"})
            if time.monotonic() + wait > deadline:
                return "no connection for too long"
            tries += 1
            await asyncio.sleep(wait)
        return "left"

    async def hear(self):
        """The next message. A relay that says nothing is asked for a sign of life."""
        try:
            text = await asyncio.wait_for(self.socket.recv(), QUIET)
        except TimeoutError:
            await self.say(type="ping", t=time.monotonic())
            try:
                text = await asyncio.wait_for(self.socket.recv(), PATIENCE)
            except TimeoutError:
                # Without a close frame, which would give up the seat.
                self.socket.transport.abort()
                raise
        return json.loads(text)

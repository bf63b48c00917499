"""A WebSocket client on an event loop: hundreds of them in one process, as many phones would be."""

import asyncio
import base64
import json
import os

FINAL, TEXT, CLOSE, PING, PONG = 0x80, 0x1, 0x8, 0x9, 0xA
# How long a client waits for an answer to its handshake, and to its join.
PATIENCE = 10


class Refused(Exception):
    """The handshake got another answer than 101; with the seconds after which to come back, if it says so."""

    def __init__(self, status, retry_after):
        super().__init__(status)
        self.status, self.retry_after = status, retry_after


class Connection(asyncio.Protocol):
    """One connection. Calls `on_message` with each text message as an object, and `on_end` once."""

    def __init__(self, on_message, on_end):
        self.on_message, self.on_end = on_message, on_end
        self.opened = asyncio.get_running_loop().create_future()
        self.transport, self.unread, self.is_open = None, b"", False
        # The code of the server's close frame; None if the connection ends without one.
        self.code = None

    @classmethod
    async def open(cls, host, port, target, source, on_message, on_end):
        """Raises OSError or Refused; and TimeoutError, which is an OSError, for one that says nothing."""
        connection = cls(on_message, on_end)
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.get_running_loop().create_connection(
                    lambda: connection, host, port, local_addr=(source, 0))
                connection.transport.write(
                    f"GET {target} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    f"Sec-WebSocket-Version: 13\r\n"
                    f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n".encode())
                await connection.opened
        except BaseException:
            if connection.transport:
                connection.transport.abort()
            raise
        return connection

    def send(self, message):
        if self.is_open:
            self.transport.write(frame(TEXT, json.dumps(message, separators=(",", ":")).encode()))

    def leave(self):
        """With a goodbye."""
        if self.is_open:
            self.transport.write(frame(CLOSE, (1000).to_bytes(2, "big")))
        self.transport.close()

    def vanish(self):
        """Without a goodbye, like a phone without a network."""
        self.transport.abort()

    # --- What the event loop calls ---

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.unread += data
        if not self.is_open and not self.read_head():
            return
        while (taken := self.take_frame()) is not None:
            self.hear(*taken)

    def connection_lost(self, error):
        was_open, self.is_open = self.is_open, False
        if not self.opened.done():
            self.opened.set_exception(error or ConnectionResetError("ended before its answer"))
        elif was_open:
            self.on_end()

    # --- What arrives ---

    def read_head(self):
        head, end, rest = self.unread.partition(b"\r\n\r\n")
        if not end or self.opened.done():
            return False
        self.unread = rest
        status, *lines = head.decode("latin-1").split("\r\n")
        status = int(status.split()[1])
        if status == 101:
            self.is_open = True
            self.opened.set_result(None)
            return True
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        seconds = fields.get("retry-after", "")
        self.opened.set_exception(Refused(status, int(seconds) if seconds.isdigit() else None))
        return False

    def take_frame(self):
        """The next complete frame: opcode and payload. The relay sends no fragments."""
        if len(self.unread) < 2:
            return None
        start, length = 2, self.unread[1]
        if length >= 126:
            start = 4 if length == 126 else 10
            length = int.from_bytes(self.unread[2:start], "big")
        if len(self.unread) < start + length:
            return None
        opcode, payload = self.unread[0] & 0xF, self.unread[start:start + length]
        self.unread = self.unread[start + length:]
        return opcode, payload

    def hear(self, opcode, payload):
        if opcode == TEXT:
            self.on_message(json.loads(payload))
        elif opcode == PING:
            self.transport.write(frame(PONG, payload))
        elif opcode == CLOSE:
            self.code = int.from_bytes(payload[:2], "big") if payload else None
            self.transport.write(frame(CLOSE, payload[:2]))
            self.transport.close()


def frame(opcode, payload):
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else b"\xFE" + size.to_bytes(2, "big")
    # Masked with zeros: the key may be any.
    return bytes([FINAL | opcode]) + length + bytes(4) + payload

"""A WebSocket client (RFC 6455), as far as the checks need it."""

import base64
import hashlib
import json
import os
import socket
import struct
import urllib.parse

FINAL, TEXT, CLOSE, PING = 0x80, 0x1, 0x8, 0x9
CREATE = {"type": "create", "clientId": "host", "maxClients": 4}


class WebSocket:
    """The client side of a WebSocket. The bytes of `early` are sent in the same packet as the handshake. A `channel` is a
    connection to the URL's server that has been made already, such as one with TLS."""

    def __init__(self, url, target, extra="", early=None, channel=None):
        address = urllib.parse.urlsplit(url)
        key = base64.b64encode(os.urandom(16)).decode()
        self.channel = channel or socket.create_connection((address.hostname, address.port), timeout=120)
        # As browsers do.
        self.channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.channel.makefile("rb")
        head = (
            f"GET {target} HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{extra}\r\n")
        self.channel.sendall(head.encode() + (b"" if early is None else text_frame(early)))
        self.status = int(self.stream.readline().split()[1])
        headers = dict(line.decode().rstrip().lower().split(": ", 1) for line in iter(self.stream.readline, b"\r\n"))
        accept = base64.b64encode(hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest())
        assert self.status != 101 or headers["sec-websocket-accept"] == accept.decode().lower(), headers

    def send(self, message):
        self.channel.sendall(text_frame(message))

    def receive(self):
        """The next text message."""
        opcode, payload = self.receive_frame()
        assert opcode == TEXT, (opcode, payload)
        return json.loads(payload)

    def receive_close(self):
        """The code and the reason of the relay's close frame; then the connection ends, without an echo from here."""
        opcode, payload = self.receive_frame()
        assert opcode == CLOSE, (opcode, payload)
        return int.from_bytes(payload[:2], "big"), payload[2:].decode()

    def receive_frame(self):
        """The opcode and payload of the next frame. The relay sends no fragments, and its pings need no answer yet."""
        while True:
            first, length = self.stream.read(2)
            if length == 126:
                [length] = struct.unpack("!H", self.stream.read(2))
            payload = self.stream.read(length)
            if first != FINAL | PING:
                return first ^ FINAL, payload

    def ask(self, message):
        self.send(message)
        return self.receive()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.channel.close()


def text_frame(message):
    return frame(TEXT, json.dumps(message).encode())


def frame(opcode, payload):
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 1 << 16:
        length = b"\xFE" + size.to_bytes(2, "big")
    else:
        length = b"\xFF" + size.to_bytes(8, "big")
    # Masked with zeros: the key may be any.
    return bytes([FINAL | opcode]) + length + bytes(4) + payload

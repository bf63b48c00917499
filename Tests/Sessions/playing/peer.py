"""A client of raw frames: it sends what it is told to, right or wrong, and tells all that it gets."""

import re
import socket
import struct
import time

from playing.spelling import spelled

# Seconds that anything may take: far more than a busy machine needs.
PATIENCE = 30
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
OPCODES = {CONTINUATION: "continuation", TEXT: "text", BINARY: "binary", CLOSE: "close", PING: "ping", PONG: "pong"}
# The RFC's own example: the answer to it is always the same.
HANDSHAKE = [
    ("Host", "relay.test"), ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")]
UPGRADED = """\
HTTP/1.1 101 Switching Protocols
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
Access-Control-Allow-Origin: *
Access-Control-Expose-Headers: X-Instance-Id, Retry-After
Cache-Control: no-store
Date: <date>""".replace("\n", "\r\n").encode()
DATE = re.compile(rb"(?m)^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT(?=\r?$)")
MASK = bytes([0x37, 0xFA, 0x21, 0x3D])
# What this client's own pings begin with, which ask whether all has arrived.
QUESTION = b"settled? "


def request(method, target, fields, version="1.1"):
    lines = [f"{method} {target} HTTP/{version}", *(f"{name}: {value}" for name, value in fields)]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()


def without_date(head):
    return DATE.sub(b"Date: <date>", head)


def frame(opcode, payload, is_final=True):
    first = opcode | (0x80 if is_final else 0)
    if len(payload) < 126:
        head = struct.pack("!BB", first, 0x80 | len(payload))
    elif len(payload) < 1 << 16:
        head = struct.pack("!BBH", first, 0x80 | 126, len(payload))
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, len(payload))
    pattern = (MASK * (len(payload) // 4 + 1))[:len(payload)]
    masked = int.from_bytes(payload, "big") ^ int.from_bytes(pattern, "big")
    return head + MASK + masked.to_bytes(len(payload), "big")


class Peer:
    """A connection, and the lines that tell what came on it."""

    def __init__(self, name, port, names):
        self.name, self.names = name, names
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.input = bytearray()
        self.told = []
        self.is_upgraded = False
        # True until the relay has ended the connection, or we have.
        self.is_open = True
        self.has_closed = False
        self.questions = self.answers = 0

    def write(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            # The relay has ended the connection; that shows when we read.
            pass

    def send(self, opcode, payload, is_final=True):
        self.write(frame(opcode, payload, is_final))

    def close(self, payload):
        self.has_closed = True
        self.send(CLOSE, payload)

    def hang_up(self, is_reset):
        if is_reset:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()
        self.is_open = False

    def tell(self, text):
        self.told.append(f"{self.name} gets {text}".rstrip())

    def take_told(self):
        told, self.told = self.told, []
        return told

    def settle(self):
        """Reads until all that the relay has sent until now is here. What ends, is read to its end."""
        if not self.is_open:
            return
        if self.has_closed or not self.is_upgraded:
            return self.read_until(lambda: False)
        self.questions += 1
        self.send(PING, QUESTION + str(self.questions).encode())
        self.read_until(lambda: self.answers == self.questions)

    def await_news(self):
        self.read_until(lambda: self.told)

    def await_end(self):
        self.read_until(lambda: False)

    def read_until(self, is_enough):
        deadline = time.monotonic() + PATIENCE
        while self.is_open and not is_enough():
            self.socket.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                data = self.socket.recv(1 << 16)
            except TimeoutError:
                raise TimeoutError(f"{self.name} waited in vain; it got {self.told}") from None
            except ConnectionError:
                data = b""
            self.input += data
            self.read_input()
            if not data:
                self.is_open = False
                self.socket.close()
                if self.input:
                    self.tell(f"a rest {self.input.hex(' ')}")
                self.tell("end")

    def read_input(self):
        while self.input and (self.read_frame() if self.is_upgraded else self.read_head()):
            pass

    def read_head(self):
        head, end, rest = self.input.partition(b"\r\n\r\n")
        if not end:
            return False
        head = without_date(bytes(head))
        self.tell("the usual 101" if head == UPGRADED else f"head {spelled(head)}")
        self.is_upgraded = head.startswith(b"HTTP/1.1 101 ")
        self.input = rest
        return self.is_upgraded

    def read_frame(self):
        size, length = 2, self.input[1] & 0x7F if len(self.input) > 1 else 0
        if length >= 126:
            size += 2 if length == 126 else 8
        if len(self.input) < size:
            return False
        if length >= 126:
            length = int.from_bytes(self.input[2:size], "big")
        if len(self.input) < size + length:
            return False
        head, payload = bytes(self.input[:size]), bytes(self.input[size:size + length])
        del self.input[:size + length]
        self.hear(head, payload)
        return True

    def hear(self, head, payload):
        opcode = head[0] & 0x0F
        if opcode == PONG and payload.startswith(QUESTION):
            self.answers += 1
            return
        self.names.learn(payload)
        # A server's frame is final here, has no reserved bit and no mask, and tells its length as briefly as it can.
        shortest = 2 if len(payload) < 126 else 4 if len(payload) < 1 << 16 else 10
        is_usual = head[0] == 0x80 | opcode and not head[1] & 0x80 and len(head) == shortest and opcode in OPCODES
        kind = OPCODES[opcode] if is_usual else f"odd frame {head.hex(' ')}"
        if opcode == CLOSE and len(payload) >= 2:
            code = int.from_bytes(payload[:2], "big")
            self.tell(f"{kind} {code} {spelled(payload[2:])}")
        else:
            self.tell(f"{kind} {spelled(self.names.hide(payload))}")
        if opcode == CLOSE and not self.has_closed:
            self.close(payload)

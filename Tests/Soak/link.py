"""A connection to the relay that never blocks: a handshake, and frames in and out."""

import errno
import socket
import struct

from websocket import CLOSE, FINAL, PING, TEXT, frame

PONG, CONTINUATION = 0xA, 0x0
READ_BYTES = 1 << 16
HANDSHAKE = (
    "GET {target} HTTP/1.1\r\nHost: relay\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n")


def text_frames(text, cut=None):
    """A text message in one frame, or in two that are cut there."""
    if cut is None:
        return frame(TEXT, text)
    first = frame(TEXT, text[:cut])
    return bytes([first[0] ^ FINAL]) + first[1:] + frame(CONTINUATION, text[cut:])


class BrokenRules(Exception):
    """The relay has sent what no server may send."""


class Link:
    """One socket. Its owner asks it to `read` and `flush` when the socket is ready, and takes what has arrived."""

    def __init__(self, port, target, receive_bytes=None):
        self.channel = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        if receive_bytes:
            self.channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.unsent = bytearray(HANDSHAKE.format(target=target).encode())
        self.unread = b""
        self.is_open = False
        self.status = None
        self.has_ended = False
        if self.channel.connect_ex(("127.0.0.1", port)) not in (0, errno.EINPROGRESS):
            self.has_ended = True

    def fileno(self):
        return self.channel.fileno()

    def send(self, data):
        self.unsent += data

    def flush(self, most=None):
        """Sends what the kernel takes; returns whether something is left."""
        while self.unsent and not self.has_ended:
            try:
                count = self.channel.send(self.unsent[:most] if most else self.unsent, socket.MSG_NOSIGNAL)
            except (BlockingIOError, InterruptedError):
                break
            except OSError as error:
                # Not connected yet; other errors show when it is read.
                if error.errno != errno.ENOTCONN:
                    self.unsent.clear()
                break
            del self.unsent[:count]
            if most:
                break
        return bool(self.unsent)

    def read(self, most=READ_BYTES):
        """The frames that have arrived, as pairs of opcode and payload; notes the end."""
        try:
            data = self.channel.recv(most)
        except (BlockingIOError, InterruptedError):
            return []
        except OSError:
            data = b""
        if not data:
            self.has_ended = True
            return []
        self.unread = self.unread + data if self.unread else data
        if not self.is_open and not self.take_head():
            return []
        return self.take_frames()

    def take_head(self):
        head, end, rest = self.unread.partition(b"\r\n\r\n")
        if not end:
            return False
        self.status = int(head.split(None, 2)[1])
        if self.status != 101:
            self.has_ended = True
            return False
        self.unread = rest
        self.is_open = True
        return True

    def take_frames(self):
        unread, start, end = self.unread, 0, len(self.unread)
        frames = []
        while end - start >= 2:
            first, length = unread[start], unread[start + 1]
            body = start + 2
            if length > 125:
                size = 2 if length == 126 else 8
                if end - body < size:
                    break
                [length] = struct.unpack_from("!H" if size == 2 else "!Q", unread, body)
                body += size
            if first not in (FINAL | TEXT, FINAL | CLOSE, FINAL | PING, FINAL | PONG) or length > 1 << 24:
                raise BrokenRules(f"a frame that begins with {unread[start:start + 10].hex()}")
            if end - body < length:
                break
            frames.append((first ^ FINAL, unread[body:body + length]))
            start = body + length
        self.unread = unread[start:]
        return frames

    def close(self, is_reset=False):
        """Ends it as a closed page does: what has been sent still arrives. Or at once, with a reset."""
        if is_reset:
            self.channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.has_ended = True
        self.channel.close()

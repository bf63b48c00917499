"""DNS, as far as these checks need it (RFC 1035, section 4.1)."""

import contextlib
import os
import socket
import struct

A, TXT, AAAA = 1, 16, 28
NXDOMAIN = 3


class DNSReply:
    """The answer to one question."""

    def __init__(self, name, kind, port, over_tcp, server="127.0.0.1"):
        question = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
        question += struct.pack("!BHH", 0, kind, 1)
        query = os.urandom(2) + struct.pack("!HHHHH", 0x0100, 1, 0, 0, 0) + question
        reply = ask_over_tcp(query, server, port) if over_tcp else ask_over_udp(query, server, port)
        identity, flags, questions, answers = struct.unpack("!2sHHH", reply[:8])
        assert identity == query[:2] and questions == 1 and reply[12:].startswith(question), reply
        self.code = flags & 0xF
        self.is_authoritative = bool(flags & 0x0400)
        self.is_truncated = bool(flags & 0x0200)
        self.values, self.ttl = [], 0
        start = 12 + len(question)
        for _ in range(answers):
            # The owner is a pointer to the question.
            _, record, _, self.ttl, length = struct.unpack("!HHHIH", reply[start:start + 12])
            data = reply[start + 12:start + 12 + length]
            start += 12 + length
            self.values.append(strings(data) if record == TXT else socket.inet_ntoa(data))


def strings(data):
    found = []
    while data:
        found.append(data[1:1 + data[0]])
        data = data[1 + data[0]:]
    return found


def ask_over_udp(query, server, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.settimeout(2)
        # A datagram may be lost, as while the server begins anew.
        for _ in range(10):
            channel.sendto(query, (server, port))
            with contextlib.suppress(TimeoutError):
                return channel.recv(65_535)
        raise TimeoutError(f"{server}:{port} does not answer")


def ask_over_tcp(query, server, port):
    with socket.create_connection((server, port), timeout=20) as channel, channel.makefile("rb") as stream:
        channel.sendall(struct.pack("!H", len(query)) + query)
        [length] = struct.unpack("!H", stream.read(2))
        return stream.read(length)

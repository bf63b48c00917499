"""Whether a DNS server is there."""

import socket
import struct

# A question for the name servers of the root (RFC 1035, section 4.1), to which any answer will do.
QUESTION = struct.pack("!6HxHH", 1, 0, 1, 0, 0, 0, 2, 1)


def is_name_server(address, port, seconds=0.1):
    """True if it answers a question within so many seconds."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.settimeout(seconds)
        try:
            channel.connect((address, port))
            channel.send(QUESTION)
            return bool(channel.recv(65_535))
        except OSError:
            return False

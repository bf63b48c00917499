"""Room codes, and the event loop that owns a room."""

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
# As the relay hashes codes: by an odd number near 2^64 over the golden ratio.
MULTIPLIER = 0x9E3779B97F4A7C15
WORD = (1 << 64) - 1


def number(code):
    """The 35-bit number that a code writes, most significant character first."""
    value = 0
    for character in code:
        value = value * 58 + BASE58.index(character)
    return value


def owner(code, loops):
    """The index of the loop on which the room lives."""
    return ((number(code) * MULTIPLIER & WORD) >> 32) % loops

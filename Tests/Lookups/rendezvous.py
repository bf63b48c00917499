"""Room codes, and the machine that wins each: as the relay computes them, written anew from their definition."""

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
REGIONS = "ams arn bom cdg dfw ewr fra gru iad jnb lax lhr nrt ord sin sjc syd yyz".split()
MASK = (1 << 64) - 1


def code(region, low):
    """The six characters of a code of a region, by its low 30 bits."""
    number, text = REGIONS.index(region) << 30 | low, ""
    for _ in range(6):
        text = ALPHABET[number % 58] + text
        number //= 58
    return text


def number(text):
    value = 0
    for character in text:
        value = value * 58 + ALPHABET.index(character)
    return value


def mix(value):
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & MASK
    value = (value ^ value >> 27) * 0x94D049BB133111EB & MASK
    return value ^ value >> 31


def seed(machine):
    value = 0xCBF29CE484222325
    for byte in machine.encode():
        value = (value ^ byte) * 0x100000001B3 & MASK
    return mix(value)


class Rendezvous:
    def __init__(self, machines):
        self.seeds = [(machine, seed(machine)) for machine in machines]

    def winner(self, text):
        key = mix(number(text) + 0x9E3779B97F4A7C15 & MASK)
        return max(self.seeds, key=lambda each: mix(each[1] ^ key))[0]

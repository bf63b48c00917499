"""The bytes that attackers send, and what honest members make of the relay's."""

import json
import unittest

from catalogue import ATTACKS
from honest import Member
from memory import parse_size
from websocket import FINAL, PING, TEXT
from wire import CLOSE, first_half, fragments, message_of


def unmasked(first, payload):
    size = len(payload)
    length = bytes([size]) if size < 126 else (
        b"\x7E" + size.to_bytes(2, "big") if size < 1 << 16 else b"\x7F" + size.to_bytes(8, "big"))
    return bytes([first]) + length + payload


class Sent(unittest.TestCase):
    def test_a_message_has_exactly_the_size_that_it_should(self):
        for size in [100, 4096, 40_000, 2 << 20]:
            data = message_of(size)
            head = 6 if size < 126 else 8 if size < 1 << 16 else 14
            self.assertEqual(len(data) - head, size)
            self.assertEqual(json.loads(data[head:])["type"], "send")

    def test_half_a_message_announces_all_of_it(self):
        data = first_half(1 << 20)
        self.assertEqual((data[0], data[1], int.from_bytes(data[2:10], "big")), (FINAL | TEXT, 0xFF, 1 << 20))
        self.assertEqual(len(data), 14 + (1 << 19))

    def test_of_fragments_only_the_first_has_an_opcode_and_none_is_the_last(self):
        data = fragments(300, 100)
        self.assertEqual([data[at] for at in range(0, 318, 106)], [TEXT, 0, 0])
        self.assertEqual(len(data), 318)


class Heard(unittest.TestCase):
    def member(self):
        member = Member.__new__(Member)
        member.pending, member.end, member.is_open = bytearray(), None, True
        return member

    def test_messages_are_the_same_however_their_bytes_arrive(self):
        payloads = [b"a", b"b" * 125, b"c" * 126, b"d" * 65_535, b"e" * 65_536]
        data = b"".join(unmasked(FINAL | TEXT, each) for each in payloads)
        for step in [1, 7, 1000, len(data)]:
            member, heard = self.member(), []
            for at in range(0, len(data), step):
                member.pending += data[at:at + step]
                heard += member.messages()
            self.assertEqual(heard, payloads)

    def test_a_close_is_told_in_words(self):
        member = self.member()
        member.pending += unmasked(FINAL | CLOSE, (4008).to_bytes(2, "big") + b"too slow")
        self.assertEqual((list(member.messages()), member.end), ([], "closed with 4008 too slow"))

    def test_an_upgrade_that_is_refused_is_an_end(self):
        member = self.member()
        member.is_open = False
        member.pending += b"HTTP/1.1 503 Service Unavailable\r\n\r\n"
        self.assertEqual((list(member.messages()), member.end), ([], "HTTP/1.1 503"))

    def test_a_ping_is_answered(self):
        member, sent = self.member(), []
        member.channel = type("Channel", (), {"sendall": staticmethod(sent.append)})
        member.pending += unmasked(FINAL | PING, b"")
        self.assertEqual((list(member.messages()), sent), ([], [bytes([FINAL | 0xA, 0x80, 0, 0, 0, 0])]))


class Catalogue(unittest.TestCase):
    def test_the_short_form_changes_only_sizes_that_there_are(self):
        for name, attack in ATTACKS.items():
            self.assertLessEqual(set(attack.short), set(attack.sizes), name)

    def test_sizes_have_units(self):
        self.assertEqual([parse_size(each) for each in ["7", "2K", "256M", "1G"]], [7, 2048, 256 << 20, 1 << 30])

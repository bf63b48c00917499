"""Each byte that comes is told, and nothing is taken for something else: no transcript would show that."""

import pathlib
import socket
import tempfile
import unittest

from playing.peer import UPGRADED, Peer, frame, without_date
from playing.script import read
from playing.spelling import Names, spelled
from playing.transcripts import difference, heard_by

HEAD = UPGRADED.replace(b"<date>", b"Fri, 27 Nov 2026 23:28:05 GMT") + b"\r\n\r\n"
CREATED = b'{"type":"created","room":"2Bz3kF","instance":"","region":"","index":0}'


class Spelling(unittest.TestCase):
    def test_what_is_written_means_the_same_bytes(self):
        for text in [
                "", " ", " x ", '{"type":"send"}', "x" * 39, "x" * 40, "é" * 5000 + "x", "\n" * 50, "\x7f\ufeff\u2028",
                "[" * 100 + "]" * 100, '"\\u0061\\n"', "<b>"]:
            self.assertEqual(Names().meant(spelled(text.encode())), text.encode())
        self.assertEqual(spelled(b"\xff\x00"), "hex ff 00")
        self.assertEqual(spelled(b" x "), "\\u{20}x\\u{20}")

    def test_texts_that_differ_are_spelled_differently(self):
        texts = ["x" * 40, "x" * 41, "X" * 40, " x", "x", "x ", "\u00e9", "e\u0301", "", "\0"]
        self.assertEqual(len({spelled(text.encode()) for text in texts}), len(texts))

    def test_what_differs_each_time_has_a_name_from_its_first_sight_on(self):
        names = Names()
        names.learn(b'{"type":"message","from":0,"data":{"type":"created","room":"AAAAAA"}}')
        self.assertEqual(names.values, {})
        for _ in range(2):
            names.learn(CREATED)
        names.learn(CREATED.replace(b"2Bz3kF", b"9cwDPZ"))
        names.learn(b'{"ticket":"' + b"0a" * 16 + b'"}')
        self.assertEqual(names.hide(b"/2Bz3kF 9cwDPZ " + b"0a" * 16), b"/<room> <room-2> <ticket>")
        self.assertEqual(names.meant("/<room-2>"), b"/9cwDPZ")
        with self.assertRaises(ValueError):
            names.meant("<room-3>")

    def test_only_what_is_left_of_a_minute_is_a_minute(self):
        for text in [b"Retry-After: 60", b'"retryAfter":57}']:
            self.assertIn(b"<a minute>", Names().hide(text))
        for text in [b"Retry-After: 10", b'"retryAfter":5}', b'"retryAfter":600}', b'"data":60']:
            self.assertEqual(Names().hide(text), text)


class Hearing(unittest.TestCase):
    def told(self, *sent):
        """What a client tells of a server that sends this, and then ends."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            peer = Peer("anna", server.getsockname()[1], Names())
            connection, _ = server.accept()
            connection.sendall(b"".join(sent))
            connection.shutdown(socket.SHUT_WR)
            peer.await_end()
            connection.close()
            return [line.removeprefix("anna gets ") for line in peer.take_told()]

    def test_frames_are_told_with_their_kind_in_their_order(self):
        long = b"\x81\x7e\x00\x7e" + b"z" * 126
        self.assertEqual(
            self.told(HEAD, b"\x81\x01x", b"\x82\x01y", b"\x89\x00", long, b"\x88\x05\x0f\xa0bye"),
            ["the usual 101", "text x", "binary y", "ping", "text <126 of z>", "close 4000 bye", "end"])

    def test_a_frame_that_is_written_otherwise_is_told_with_its_head(self):
        wide = b"\x81\x7f" + bytes(7) + b"\x01x"
        for odd in [b"\x01\x01x", b"\xc1\x01x", b"\x83\x01x", b"\x81\x7e\x00\x01x", wide]:
            self.assertEqual(self.told(HEAD, odd)[1], f"odd frame {odd[:-1].hex(' ')} x")

    def test_a_rest_of_a_frame_is_told(self):
        self.assertEqual(self.told(HEAD, b"\x81\x05ab")[1:], ["a rest 81 05 61 62", "end"])

    def test_another_head_is_told_in_full(self):
        self.assertIn("HTTP/1.1 101 Switching Protocols", self.told(HEAD.replace(b"no-store", b"no-cache"))[0])
        self.assertEqual(without_date(b"Date: yesterday\r\n"), b"Date: yesterday\r\n")

    def test_its_own_frames_are_masked(self):
        sent = frame(1, b"\0" * 4)
        self.assertEqual((sent[1], sent[2:6]), (0x84, sent[6:10]))


class Scripts(unittest.TestCase):
    def script(self, *lines):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "some.session"
            path.write_text("\n".join(["# What.", "played original, mixed", *lines]))
            return read(path)

    def test_only_a_create_or_a_join_asks(self):
        for message, asking in [
                ('{"type":"create"}', '{"type":"create","v":3}'),
                ('{"type":"join","room":""}', '{"type":"join","v":3,"room":""}'),
                ('binary {"type":"join"}', 'binary {"type":"join","v":3}'), ('{"type":"joined"}', '{"type":"joined"}'),
                ('{"type":"send","data":{"type":"join"}}', '{"type":"send","data":{"type":"join"}}')]:
            script = self.script(f"anna sends {message}", f"ben sends {message}")
            steps = script.played_by(lambda actor: actor == "anna").steps
            self.assertEqual([step.rest for step in steps], [asking, message])

    def test_a_way_that_is_not_there_and_a_script_without_one_are_errors(self):
        with self.assertRaises(ValueError):
            self.script("played sideways")
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(ValueError):
            path = pathlib.Path(folder) / "some.session"
            path.write_text("anna connects /\n")
            read(path)


class Comparing(unittest.TestCase):
    TEXT = "# What.\n\nanna sends x\n    ben gets text 1\nben sends y\n    anna gets text 2\n    ben gets text 3\n"

    def test_one_byte_makes_a_difference_and_so_does_a_line(self):
        path = pathlib.Path("some.txt")
        self.assertEqual(difference(path, self.TEXT, self.TEXT), "")
        for other in [self.TEXT.replace("1", "2"), self.TEXT + "    ben gets end\n", self.TEXT.rstrip("\n")]:
            self.assertNotEqual(difference(path, self.TEXT, other), "")

    def test_what_one_has_heard_is_told_with_its_step(self):
        self.assertEqual(heard_by("anna", self.TEXT).count("\n"), 1)
        moved = self.TEXT.replace("ben sends y\n    anna gets text 2\n", "    anna gets text 2\nben sends y\n")
        self.assertNotEqual(heard_by("anna", moved), heard_by("anna", self.TEXT))
        self.assertEqual(heard_by("ann", self.TEXT), "")

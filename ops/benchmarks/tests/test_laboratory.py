"""What becomes of a measurement when the server, or its load, fails: with real processes."""

import os
import sys
import tempfile
import unittest
from unittest import mock

from comparison import measuring
from comparison.contestants import CONTESTANTS, peer
from comparison.measuring import Laboratory, LoadFailed
from processes import Signals

# Answers everything with 200 at the address that its environment names.
ANSWERING = """
import os, socket
with socket.create_server((os.environ["HOST"], int(os.environ["PORT"]))) as server:
    while True:
        connection, _ = server.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 200 OK\\r\\n\\r\\n")
"""


class Failing(unittest.TestCase):
    def failure(self, test):
        """Of a measurement of a server that is given by its command."""
        server = peer("given", [sys.executable, "-c", ANSWERING])
        with tempfile.TemporaryDirectory() as folder, mock.patch.dict(CONTESTANTS, given=server), \
                mock.patch.object(measuring, "usable_cores", lambda: sorted(os.sched_getaffinity(0)) * 2):
            with self.assertRaises(LoadFailed) as caught:
                Laboratory(None, folder).measure("given", test)
        self.assertIsNotNone(caught.exception.judgement)
        return caught.exception

    def test_a_load_that_fails_is_no_end_of_the_server(self):
        def test(laboratory, name, watch):
            with laboratory.server(name, watch):
                raise LoadFailed("it was late")
        failure = self.failure(test)
        self.assertEqual((str(failure), failure.has_ended), ("it was late", False))

    def test_a_server_that_ends_by_itself_is_told_from_its_load_that_complains(self):
        for complains in [False, True]:
            def test(laboratory, name, watch):
                with laboratory.server(name, watch) as server:
                    server.signal(9)
                    while server.end() is None:
                        Signals.pause(0.01)
                    if complains:
                        raise LoadFailed("connections were lost")
            failure = self.failure(test)
            self.assertIn("it ended: given (killed by SIGKILL)", str(failure))
            self.assertTrue(failure.has_ended)

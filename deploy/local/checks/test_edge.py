"""Checks what the edge does to requests and answers, with scripted machines."""

import concurrent.futures
import os
import pathlib
import signal
import unittest

from support import SCRIPTED, RunningCluster, eventually, script


class Edge(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = RunningCluster("--machines", "2", "--regions", "ams iad", binary=SCRIPTED)
        cls.addClassCleanup(cls.cluster.end)
        cls.cluster.wait_until_ready()
        cls.ams = [machine.id for machine in cls.cluster.of("ams")]
        cls.iad = [machine.id for machine in cls.cluster.of("iad")]

    def test_a_request_lands_on_a_machine_of_the_edges_region(self):
        self.assertIn(self.cluster.send("ams", "/x").id, self.ams)
        self.assertIn(self.cluster.send("iad", "/x").id, self.iad)

    def test_every_machine_of_the_region_gets_requests(self):
        self.assertEqual({self.cluster.send("ams", "/x").id for _ in range(60)}, set(self.ams))

    def test_what_only_a_proxy_may_say_never_comes_from_a_client(self):
        for name in ["fly-replay-src", "Fly-Replay-Failed", "Forwarded", "X-Real-IP", "X-Forwarded-Host",
                     "fly-prefer-instance-id", "fly-prefer-region", "fly_replay_src"]:
            with self.subTest(name):
                answer = self.cluster.send("ams", "/x", [(name, "instance=1;region=iad"), (name.upper(), "spoofed")])
                self.assertEqual(answer.arrived(name), [])
        truth = {"fly-client-ip": "127.0.0.1", "x-forwarded-for": "127.0.0.1", "fly-region": "ams",
                 "fly-forwarded-port": self.cluster.urls["ams"].split(":")[-1], "x-forwarded-proto": "http"}
        for name, value in truth.items():
            with self.subTest(name):
                answer = self.cluster.send("ams", "/x", [(name, "6.6.6.6"), (name.upper(), "6.6.6.7")])
                self.assertEqual(answer.arrived(name), [value])

    def test_the_replay_header_never_reaches_a_client(self):
        for target in ["/x?leak", script("instance=nosuch", leak=""), script("region=ams", stubborn="")]:
            with self.subTest(target):
                self.assertNotIn("fly-replay", self.cluster.send("ams", target).headers)

    def test_other_answers_pass_unharmed(self):
        for status in [204, 302, 400, 404, 409, 500, 502, 503, 504]:
            with self.subTest(status):
                answer = self.cluster.send("ams", script(status=status))
                self.assertEqual(answer.status, status)
                self.assertEqual(answer.seen is not None, status != 204)

    def test_a_request_is_replayed_to_a_region_and_says_where_it_comes_from(self):
        for replay in ["region=iad;timeout=5s;fallback=force_self", "region=iad"]:
            answer = self.cluster.send("ams", script(replay))
            self.assertIn(answer.id, self.iad)
            self.assertIn(answer.arrived("fly-replay-src"), [[f"instance={id};region=ams"] for id in self.ams])
            self.assertEqual(answer.arrived("fly-replay-failed"), [])

    def test_a_request_is_replayed_to_an_instance(self):
        for id in self.iad + self.ams:
            answer = self.cluster.send("ams", script(f"instance={id};timeout=5s;fallback=force_self"))
            self.assertEqual(answer.id, id)
            self.assertEqual(len(answer.arrived("fly-replay-src")), 1)

    def test_what_a_machine_tells_the_one_that_gets_the_replay_arrives_with_the_name_of_its_sender(self):
        for replay, expected in [
                ("instance={};state=handed-over;timeout=5s;fallback=force_self", ";state=handed-over"),
                ("region=iad;state=x", ";state=x"), ("elsewhere=true;state=x;timeout=5s", ";state=x"),
                ("instance={};timeout=5s;fallback=force_self", ""), ("region=iad;timeout=5s", "")]:
            with self.subTest(replay):
                answer = self.cluster.send("ams", script(replay.format(self.iad[0])))
                self.assertIn(answer.arrived("fly-replay-src"), [
                    [f"instance={id};region=ams{expected}"] for id in self.ams])
                self.assertEqual(answer.arrived("fly-replay-failed"), [])

    def test_what_the_first_of_two_replays_tells_is_not_told_by_the_second(self):
        first, last = self.ams
        landing = [("fly-force-instance-id", first)]
        answer = self.cluster.send("ams", script("region=iad;state=x", f"instance={last}", serve=last), landing)
        self.assertIn(answer.arrived("fly-replay-src"), [[f"instance={id};region=iad"] for id in self.iad])
        answer = self.cluster.send("ams", script("region=iad", f"instance={last};state=x", serve=last), landing)
        self.assertIn(answer.arrived("fly-replay-src"), [[f"instance={id};region=iad;state=x"] for id in self.iad])

    def test_a_request_is_replayed_elsewhere_to_another_machine_of_the_region(self):
        for _ in range(30):
            answer = self.cluster.send("ams", script("elsewhere=true;timeout=5s;fallback=force_self"))
            [source] = answer.arrived("fly-replay-src")
            self.assertEqual({source, f"instance={answer.id};region=ams"},
                             {f"instance={id};region=ams" for id in self.ams})
            self.assertEqual(answer.arrived("fly-replay-failed"), [])

    def test_elsewhere_is_in_the_region_of_the_machine_that_asks(self):
        for one, other in [self.iad, reversed(self.iad)]:
            answer = self.cluster.send("ams", script("elsewhere=true"), [("fly-force-instance-id", one)])
            self.assertEqual(answer.id, other)
            self.assertEqual(answer.arrived("fly-replay-src"), [f"instance={one};region=iad"])

    def test_a_request_replayed_to_its_region_is_replayed_once_more_to_a_sibling(self):
        for id in self.iad:
            answer = self.cluster.send("ams", script("region=iad", f"instance={id}", serve=id))
            self.assertEqual(answer.id, id)
            source = answer.arrived("fly-replay-src")
            # The first machine may already have been that one.
            self.assertIn(source, [[f"instance={each};region={r}"] for r, ids in [("ams", self.ams), ("iad", self.iad)]
                                   for each in ids])

    def test_a_third_replay_is_not_followed(self):
        answer = self.cluster.send("ams", script("region=iad", f"instance={self.ams[0]}"))
        # Back at the machine that asked for the second hop.
        self.assertIn(answer.id, self.iad)
        self.assertEqual(answer.arrived("fly-replay-failed"), [f"instance={self.ams[0]};reason=retries_exhausted"])

    def test_a_machine_that_answers_everything_with_a_replay_is_asked_four_times(self):
        target = script("region=iad", "region=ams", stubborn="")
        self.assertEqual(self.cluster.send("ams", target).status, 409)
        log = self.cluster.state / "edge-requests.log"
        # The line is written when the answer is out.
        self.assertTrue(eventually(lambda: target in log.read_text()))
        [line] = [line for line in log.read_text().splitlines() if target in line]
        self.assertIn("(409 : 409 : 409 : 409)", line)

    def test_a_replay_that_cannot_be_delivered_comes_back(self):
        for wanted in ["instance=nosuch", "region=syd"]:
            answer = self.cluster.send("ams", script(f"{wanted};timeout=5s;fallback=force_self"))
            self.assertIn(answer.id, self.ams)
            self.assertEqual(answer.arrived("fly-replay-failed"), [f"{wanted};reason=no_candidate"])
            self.assertEqual(answer.arrived("fly-replay-src"), [f"instance={answer.id};region=ams"])

    def test_a_replay_that_is_not_well_formed_is_not_used(self):
        iad = self.iad[0]
        for lie in ["instance=", "region=", "elsewhere=", "elsewhere=false",
                    "elsewhere=true;region=iad", "app=other", f"app=other;instance={iad}",
                    f"instance={iad};app=other", f"instance={iad}.vm.party-sockets.internal", f"instance={iad}:22",
                    f"instance={iad}/..", f"instance={iad}#", f"instance={iad} ", f"instance=@{iad}", "region=IAD",
                    "region=iad.evil.example", "region=localhost", f"instance={'a' * 65}", f"instance={iad},region=iad",
                    f"instance={iad};timeout=5s;x", f"instance={iad};state=", f"instance={iad};state=a;region=ams",
                    f"instance={iad};state=a b", f"instance={iad};state={'a' * 65}", "state=a", "127.0.0.1", "instance=$host", "instance=%69"]:
            with self.subTest(lie):
                answer = self.cluster.send("ams", script(lie))
                if lie.endswith(" "):
                    # In HTTP, not part of the value.
                    self.assertEqual(answer.id, iad)
                else:
                    self.assertIn(answer.id, self.ams)
                    self.assertEqual(answer.arrived("fly-replay-failed"), ["nothing;reason=no_candidate"])

    def test_a_client_may_name_the_machine(self):
        for id in self.ams + self.iad:
            answer = self.cluster.send("ams", "/x", [("fly-force-instance-id", id)])
            self.assertEqual(answer.id, id)
            self.assertEqual(answer.arrived("fly-force-instance-id"), [])
            self.assertEqual(answer.arrived("fly-replay-src"), [])

    def test_a_machine_that_a_client_names_and_that_is_not_there_is_not_replaced(self):
        answer = self.cluster.send("ams", "/x", [("fly-force-instance-id", "nosuch")])
        self.assertEqual(answer.status, 502)
        self.assertEqual(answer.headers["access-control-allow-origin"], "*")

    def test_what_is_no_id_names_no_machine(self):
        for name in ["", "a.b", "localhost:22", "a b", "$host", "a" * 65, f"{self.iad[0]}@x", "../x"]:
            with self.subTest(name):
                self.assertIn(self.cluster.send("ams", "/x", [("fly-force-instance-id", name)]).id, self.ams)

    def test_methods_survive_a_replay(self):
        for method in ["HEAD", "OPTIONS", "POST"]:
            with self.subTest(method):
                answer = self.cluster.send("ams", script("region=iad"), method=method)
                self.assertEqual(answer.status, 200)
                if method != "HEAD":
                    self.assertEqual((answer.seen["method"], answer.id in self.iad), (method, True))

    def test_a_body_survives_a_replay_and_a_large_one_is_refused(self):
        answer = self.cluster.send("ams", script("region=iad"), method="POST", body=b"x" * 100)
        self.assertEqual((answer.id in self.iad, answer.arrived("content-length")), (True, ["100"]))
        answer = self.cluster.send("ams", "/x", method="POST", body=b"x" * 5000)
        self.assertEqual((answer.status, answer.headers["access-control-allow-origin"]), (413, "*"))

    def test_the_target_arrives_as_it_was_sent(self):
        for target in ["/a%2Fb//c/../d?x=%zz&instance=a%20b", "/%C3%A4?q='\"<>", "//host/x", "/x?a=b?c=d&&", "/%0d%0a"]:
            with self.subTest(target):
                self.assertEqual(self.cluster.send("ams", target).seen["target"], target)
                separator = "&" if "?" in target else "?"
                replayed = f"{target}{separator}replay=region%3Diad"
                self.assertEqual(self.cluster.send("ams", replayed).seen["target"], replayed)

    def test_only_an_upgrade_to_websocket_is_passed_on_as_one(self):
        websocket = ([["upgrade"]], [["websocket"]])
        plain = ([["close"]], [[]])
        for upgrade, connection, expected in [
                ("websocket", "Upgrade", websocket), ("WebSocket", "keep-alive, upgrade", websocket),
                ("websocket", "upgrade, keep-alive", websocket), ("h2c", "Upgrade, HTTP2-Settings", plain),
                ("websocket", "keep-alive", plain), ("websocket", "upgraded", plain), ("websockets", "Upgrade", plain)]:
            with self.subTest(f"{upgrade} {connection}"):
                answer = self.cluster.send("ams", "/x", [("Upgrade", upgrade), ("Connection", connection)])
                self.assertEqual(([answer.arrived("connection")], [answer.arrived("upgrade")]), expected)

    def test_a_large_head_arrives(self):
        headers = [(f"X-Large-{index}", "x" * 12_000) for index in range(4)]
        answer = self.cluster.send("ams", script("region=iad"), headers)
        self.assertEqual((answer.id in self.iad, answer.arrived("x-large-3")), (True, ["x" * 12_000]))


class BrokenMachines(unittest.TestCase):
    def setUp(self):
        self.cluster = RunningCluster("--machines", "2", "--regions", "ams iad", binary=SCRIPTED)
        self.addCleanup(self.cluster.end)
        self.cluster.wait_until_ready()
        self.ams, self.iad = self.cluster.of("ams"), self.cluster.of("iad")

    def test_a_replay_to_a_dead_machine_comes_back(self):
        os.kill(self.iad[0].pid, signal.SIGKILL)
        answer = self.cluster.send("ams", script(f"instance={self.iad[0].id}"))
        self.assertIn(answer.id, [machine.id for machine in self.ams])
        self.assertEqual(answer.arrived("fly-replay-failed"), [f"instance={self.iad[0].id};reason=retries_exhausted"])
        # Requests that are not meant for it are unaffected.
        for _ in range(10):
            self.assertEqual(self.cluster.send("ams", script("region=iad")).id, self.iad[1].id)

    def test_where_no_other_machine_of_the_region_is_left_elsewhere_is_another_region(self):
        os.kill(self.ams[0].pid, signal.SIGKILL)
        for _ in range(10):
            answer = self.cluster.send("ams", script("elsewhere=true"))
            self.assertIn(answer.id, [machine.id for machine in self.iad])
            self.assertEqual(answer.arrived("fly-replay-src"), [f"instance={self.ams[1].id};region=ams"])

    def test_where_no_other_machine_is_left_at_all_a_request_that_is_sent_elsewhere_comes_back(self):
        for machine in [self.ams[0], *self.iad]:
            os.kill(machine.pid, signal.SIGKILL)
        answer = self.cluster.send("ams", script("elsewhere=true;timeout=5s;fallback=force_self"))
        self.assertEqual(answer.id, self.ams[1].id)
        self.assertEqual(answer.arrived("fly-replay-failed"), ["elsewhere=true;reason=retries_exhausted"])

    def test_a_frozen_machine_is_passed_over_and_a_replay_to_one_comes_back(self):
        frozen, distant = self.ams[0], self.iad[0]
        for machine in [frozen, distant]:
            os.kill(machine.pid, signal.SIGSTOP)
        landing = [("fly-force-instance-id", self.ams[1].id)]
        targets = [("/x", [])] * 8 + [(script(f"instance={distant.id}"), landing)]
        with concurrent.futures.ThreadPoolExecutor(len(targets)) as pool:
            *answers, replayed = pool.map(lambda target: self.cluster.send("ams", *target), targets)
        self.assertEqual({answer.id for answer in [*answers, replayed]}, {self.ams[1].id})
        self.assertEqual(replayed.arrived("fly-replay-failed"), [f"instance={distant.id};reason=timeout"])

    def test_without_a_list_of_addresses_a_replay_says_what_the_edge_had_asked_for(self):
        edge = self.cluster.pids["edge"]
        workers = pathlib.Path(f"/proc/{edge}/task/{edge}/children")
        [old] = workers.read_text().split()
        (self.cluster.state / "edge-machines.conf").write_text("")
        os.kill(edge, signal.SIGHUP)
        self.assertTrue(eventually(lambda: len(workers.read_text().split()) == 1 and old not in workers.read_text()))

        def source(target, *headers):
            return self.cluster.send("ams", target, headers).arrived("fly-replay-src")
        iad = self.iad[0].id
        self.assertEqual(source(script("region=iad")), ["region=ams"])
        self.assertIn(source(script("region=iad", f"instance={iad}", serve=iad)), [["region=ams"], ["region=iad"]])
        self.assertEqual(source(script("region=ams"), ("fly-force-instance-id", iad)), [f"instance={iad}"])
        # It cannot tell the machines of a region apart, and takes another region.
        for _ in range(10):
            self.assertIn(self.cluster.send("ams", script("elsewhere=true")).id, [each.id for each in self.iad])

    def test_without_any_machine_the_edge_itself_answers_and_every_page_may_read_it(self):
        for machine in self.ams + self.iad:
            os.kill(machine.pid, signal.SIGKILL)
        answer = self.cluster.send("ams", "/x")
        self.assertEqual((answer.status, answer.headers["access-control-allow-origin"]), (502, "*"))

    def test_where_a_region_has_no_machine_left_another_serves_its_players(self):
        for machine in self.ams:
            os.kill(machine.pid, signal.SIGKILL)
        for _ in range(10):
            answer = self.cluster.send("ams", script(f"instance={self.iad[0].id}"))
            self.assertEqual(answer.id, self.iad[0].id)
            self.assertIn(answer.arrived("fly-replay-src"), [[f"instance={each.id};region=iad"] for each in self.iad])

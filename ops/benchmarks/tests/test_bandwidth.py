"""The calculated bytes of a party."""

import unittest

from sizing.bandwidth import (
    Bandwidth, Flow, asking, compact, data_of, delivered, frame_bytes, input_message, playing, resting, size,
    state_message)
from sizing.sizes import DELIVERIES, INPUT_BYTES, LOAD_BYTES, PHONES, RATE, STATE_BYTES


class Frames(unittest.TestCase):
    def test_a_frame_has_the_head_that_its_length_and_its_sender_take(self):
        for payload, head in [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)]:
            self.assertEqual(frame_bytes(payload, is_masked=False), head + payload)
            self.assertEqual(frame_bytes(payload, is_masked=True), head + 4 + payload)

    def test_data_has_the_length_that_is_said_of_it(self):
        for message, length in [(input_message(), INPUT_BYTES), (state_message(), STATE_BYTES)]:
            self.assertEqual(len(compact(message["data"])), length)
        self.assertEqual(len(compact(data_of(2))), 2)

    def test_messages_are_those_of_the_protocol(self):
        self.assertEqual(compact(input_message())[:31], b'{"type":"send","to":0,"data":"x')
        self.assertEqual(compact(delivered(state_message(), 0))[:37], b'{"type":"message","from":0,"data":"xx')
        # 60 of data, 30 around it, 2 of head and 4 of mask.
        self.assertEqual(size(input_message(), is_masked=True), 60 + len('{"type":"send","to":0,"data":}') + 6)


class Wire(unittest.TestCase):
    def test_each_frame_has_a_record_and_packets_that_are_acknowledged(self):
        flow = Flow(True, 100, 10)
        self.assertEqual(flow.bytes_per_second(), 1000)
        self.assertEqual(flow.wire_bytes_per_second(), 10 * (100 + 22 + 52))
        self.assertEqual(flow.acknowledgement_bytes_per_second(), 10 * 52)

    def test_a_frame_longer_than_a_segment_takes_several_packets(self):
        for frame, packets in [(1448 - 22, 1), (1448 - 21, 2), (3 * 1448 - 22, 3)]:
            self.assertEqual(Flow(True, frame, 1).wire_bytes_per_second(), frame + 22 + packets * 52)

    def test_acknowledgements_go_the_other_way(self):
        only_received = Bandwidth.of([Flow(True, 100, 10)])
        self.assertEqual(only_received, Bandwidth(1000, 0, 1740, 520))
        self.assertEqual(Bandwidth.of([Flow(False, 100, 10)]), Bandwidth(0, 1000, 520, 1740))


class Parties(unittest.TestCase):
    def test_what_is_sent_is_every_delivery(self):
        inputs = sum(size(delivered(input_message(), number), False) for number in range(1, PHONES + 1)) * RATE
        state = size(delivered(state_message(), 0), False) * PHONES * RATE
        self.assertEqual(playing().sent, inputs + state)
        self.assertGreater(playing().sent, DELIVERIES * LOAD_BYTES)
        self.assertLess(playing().sent, DELIVERIES * (LOAD_BYTES + 40))

    def test_the_wire_takes_more_than_the_frames_and_a_lobby_next_to_nothing(self):
        for each in [playing(), resting(), asking()]:
            self.assertGreater(each.most_received, each.received)
            self.assertGreater(each.most_sent, each.sent)
        # Nine texts of 28 bytes each way, every 5 seconds; those of clients are masked.
        self.assertEqual((round(asking().received, 6), round(asking().sent, 6)), (9 * 34 / 5, 9 * 30 / 5))
        # Nine pings of 2 bytes and nine pongs of 6, every 10 seconds.
        self.assertEqual((round(resting().sent, 6), round(resting().received, 6)), (1.8, 5.4))

"""Codes and their loops."""

import collections
import pathlib
import random
import re
import unittest

from codes import BASE58, MULTIPLIER, number, owner

RELAY = pathlib.Path(__file__).resolve().parents[3] / "Sources/RelayEngine/Relay/RelayShared.swift"


class Codes(unittest.TestCase):
    def test_a_code_is_a_number_to_the_base_of_58(self):
        for code, value in [("111111", 0), ("111112", 1), ("11111z", 57), ("111121", 58), ("211111", 58 ** 5)]:
            self.assertEqual(number(code), value)

    def test_the_loop_is_in_range_and_all_loops_get_their_share(self):
        draw = random.Random(1)
        codes = ["".join(draw.choices(BASE58, k=6)) for _ in range(4000)]
        for loops in [1, 2, 3, 4, 8]:
            shares = collections.Counter(owner(code, loops) for code in codes)
            self.assertEqual(set(shares), set(range(loops)))
            self.assertLess(max(shares.values()), 2 * min(shares.values()))

    def test_the_hash_is_the_middle_of_a_product_of_64_bits(self):
        # 0x9E3779B97F4A7C15 >> 32 is 0x9E3779B9, which is odd and leaves 1 of 4; twice it wraps.
        self.assertEqual([owner("111111", 4), owner("111112", 2), owner("111112", 4)], [0, 1, 1])
        self.assertEqual(owner("111113", 4), (0x9E3779B97F4A7C15 * 2 % 2 ** 64 >> 32) % 4)
        self.assertEqual(owner("211111", 3), (0x9E3779B97F4A7C15 * 58 ** 5 % 2 ** 64 >> 32) % 3)

    def test_the_relay_hashes_in_the_same_way(self):
        [body] = re.findall(r"func owner\(of code: RoomCode\) -> Int \{(.*?)\n    \}", RELAY.read_text(), re.DOTALL)
        [multiplier] = re.findall(r"code\.number &\* (0x[0-9A-F_]+)", body)
        self.assertEqual(int(multiplier.replace("_", ""), 16), MULTIPLIER)
        self.assertIn("(mixed >> 32) % UInt64(counters.count)", body)

"""That THREATS.md names tests which exist, and calculates right."""

import pathlib
import re
import unittest

from catalogue import ATTACKS

ROOT = pathlib.Path(__file__).resolve().parents[3]
TEXT = (ROOT / "ops/THREATS.md").read_text()
CLAIMS, LIST = TEXT.split("\n## Tests\n")
SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400, "years": 365.25 * 86_400}
# A literal of one line, or one of several whose lines end in a backslash.
NAME = re.compile(r'@Test\(\s*(?:"""\s*\n(?P<long>.*?)"""|"(?P<short>(?:[^"\\]|\\.)*)")', re.DOTALL)


def listed():
    """The numbered tests: the suite, or ops/attack, and the name."""
    entries = re.findall(r"^(\d+)\. `([\w/]+)`: (.*?)(?=^\d+\. |\Z)", LIST, re.DOTALL | re.MULTILINE)
    return {int(number): (suite, " ".join(name.split())) for number, suite, name in entries}


def swift_tests():
    """The names of the tests by their suite; those of a file with several suites count to each."""
    found = {}
    for path in (ROOT / "Tests").rglob("*.swift"):
        source = path.read_text()
        names = {each["short"] or re.sub(r"\s*\\?\n\s*", " ", each["long"]).strip() for each in NAME.finditer(source)}
        for suite in re.findall(r"^\s*(?:extension|struct|final class) (\w+Tests)\b", source, re.MULTILINE):
            found.setdefault(suite, set()).update(names)
    return found


def seconds(text):
    amount, unit = text.split()
    base, _, exponent = amount.replace(",", "").partition("^")
    return float(base) ** float(exponent or 1) * SECONDS[unit]


class Tests(unittest.TestCase):
    def test_each_number_has_a_test_and_each_test_a_claim(self):
        used = [int(number) for number in re.findall(r"\[(\d+)\](?!\()", CLAIMS)]
        self.assertEqual(sorted(set(used)), sorted(listed()))
        self.assertEqual(sorted(listed()), list(range(1, len(listed()) + 1)))

    def test_each_test_exists(self):
        tests = swift_tests()
        for number, (suite, name) in listed().items():
            with self.subTest(number=number):
                if suite == "ops/attack":
                    self.assertLessEqual(set(re.findall(r"`([\w-]+)`", name)), set(ATTACKS))
                else:
                    self.assertIn(name, tests.get(suite, set()), f"in {suite}")

    def test_each_row_of_what_is_bounded_names_a_test(self):
        section = CLAIMS.split("## What is bounded, and how")[1].split("\n## ")[0]
        rows = [line for line in section.splitlines() if line.startswith("| ") and "---" not in line][1:]
        self.assertGreater(len(rows), 10)
        for row in rows:
            self.assertRegex(row, r"\[\d+\]")


class Numbers(unittest.TestCase):
    def test_the_times_to_hit_a_room_follow_from_240_guesses_a_minute(self):
        rows = re.findall(r"^\| ([\d,]+)" + r" \| ([\d,.]+ \w+)" * 4 + r" \|$", CLAIMS, re.MULTILINE)
        # The fewest easy codes of a region, and all of them.
        codes = [2 ** 30, 2 ** 35, 16_413_912, 30 ** 6]
        self.assertEqual(len(rows), 4)
        for rooms, *times in rows:
            for number, told in zip(codes, times, strict=True):
                expected = number / int(rooms.replace(",", "")) / 240 * 60
                self.assertAlmostEqual(seconds(told) / expected, 1, delta=0.02)

    def test_the_times_to_try_all_ids_follow_from_ten_thousand_a_second(self):
        rows = re.findall(r"^\| (\d+)(?: \([^|]*\))? \| ([\d,.^]+ \w+) \|$", CLAIMS, re.MULTILINE)
        self.assertEqual(len(rows), 4)
        for bits, told in rows:
            # The last one is told by its order of magnitude.
            delta = 1 if "^" in told else 0.05
            self.assertAlmostEqual(seconds(told) / (2 ** int(bits) / 10_000), 1, delta=delta)

"""Reads the Autobahn suite's report: fails on any case that is not OK, and counts the others."""

import json
import sys

CASES_AT_LEAST = 290

with open(sys.argv[1]) as report:
    (cases,) = json.load(report).values()

bad = {
    name: (case["behavior"], case["behaviorClose"])
    for name, case in cases.items()
    if case["behavior"] not in ("OK", "INFORMATIONAL") or case["behaviorClose"] not in ("OK", "INFORMATIONAL")
}
for name, (behavior, close) in sorted(bad.items()):
    print(f"case {name}: {behavior}, close {close}")
ok = sum(case["behavior"] == "OK" for case in cases.values())
informational = len(cases) - ok - len(bad)
print(f"{ok} OK, {informational} informational, {len(bad)} bad")
if bad or ok < CASES_AT_LEAST:
    sys.exit("the Autobahn suite is not content")
print(f"tests: {ok}")

"""What was last reached, which the repository keeps, and how what is measured now compares with it."""

import enum
import json
from typing import NamedTuple

from comparison.verdict import is_stricter

# The least change that counts, as a part of what was reached: an interval can be narrower than a figure is exact.
LEAST = 0.03
# What another machine of the kind, or a busier neighbour of it, may differ by: CI holds so much of what was reached.
HELD = 0.8


class Reached(NamedTuple):
    """The median and the quartiles of the rounds."""

    median: float
    first_quartile: float
    third_quartile: float


class Change(enum.Enum):
    BETTER = "better"
    SAME = "as before"
    WORSE = "**worse**"
    NEW = "new"


def compare(target, spread, reached):
    """Better or worse only if the quartiles of then and now have nothing in common."""
    if reached is None:
        return Change.NEW
    margin = LEAST * reached.median
    is_below = spread.third_quartile < reached.first_quartile - margin
    is_above = spread.first_quartile > reached.third_quartile + margin
    if not is_below and not is_above:
        return Change.SAME
    return Change.BETTER if is_below == target.at_most else Change.WORSE


def row(target):
    """The name of a figure within its case."""
    who = target.subject if target.reference is None else f"{target.subject}/{target.reference}"
    return f"{target.metric} {who}"


class Ledger:
    """One section of the file: what the full comparison has reached, or the short one."""

    def __init__(self, path, section):
        self.path = path
        self.section = section
        self.all = json.loads(path.read_text()) if path.exists() else {}
        kept = self.all.get(section, {})
        self.surroundings = kept.get("surroundings", {})
        self.cases = kept.get("cases", {})

    def reached(self, case_name, target):
        found = self.cases.get(case_name, {}).get(row(target))
        return Reached(*found) if found else None

    def held(self, case_name, target, surroundings):
        """The target, or most of what was reached in such surroundings if that is more."""
        reached = self.reached(case_name, target)
        is_alike = all(self.surroundings.get(name) == value for name, value in surroundings.items())
        if reached is None or not is_alike:
            return target
        bound = reached.median / HELD if target.at_most else reached.median * HELD
        return target._replace(bound=bound) if is_stricter(target, bound) else target

    def keep(self, findings, surroundings):
        """Writes what has been reached now: pairs of a case's name and a finding. Other figures stay."""
        for case_name, finding in findings:
            if finding.spread is not None:
                spread = finding.spread
                kept = [rounded(value) for value in (spread.median, spread.first_quartile, spread.third_quartile)]
                self.cases.setdefault(case_name, {})[row(finding.target)] = kept
        self.all[self.section] = {"surroundings": surroundings, "cases": self.cases}
        self.path.write_text(written(self.all))


def rounded(value):
    return float(f"{value:.4g}")


def written(sections):
    """With a line for each figure, so that a change of one is a change of its line."""
    text = json.dumps(sections, indent=2)
    for case in (case for section in sections.values() for case in section["cases"].values()):
        for figures in case.values():
            text = text.replace(json.dumps(figures, indent=2).replace("\n", "\n" + " " * 8), json.dumps(figures))
    return text + "\n"

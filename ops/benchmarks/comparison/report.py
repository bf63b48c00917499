"""The figures of RESULTS.md. What is said about them is written by hand, in its template."""

import re

from comparison.contestants import CONTESTANTS
from comparison.limit import compares_loads, ordered, was_held_back
from comparison.metrics import METRICS
from comparison.reached import Change, compare
from comparison.spread import Spread, values
from comparison.verdict import find


def fill(template, parts):
    """Replaces each `{{name}}` with the part of that name. Both must have the same names: an unused figure would be as
    wrong as an empty place."""
    named = set(re.findall(r"\{\{([\w-]+)\}\}", template))
    if named != set(parts):
        raise ValueError(f"template and figures differ in {sorted(named ^ set(parts))}")
    return re.sub(r"\{\{([\w-]+)\}\}", lambda place: parts[place[1]], template)


def table(heading, rows):
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def facts(pairs):
    return table(["", ""], [[name, value] for name, value in pairs])


def targets(cases, store, ledger):
    rows = []
    for case in cases:
        outcome = store.outcome(case.name)
        for target in case.targets:
            what = f"{METRICS[target.metric].label}, {against(target)}"
            if outcome is None:
                cells = ["not measured", "", "", "", ""]
            else:
                cells = target_cells(target, outcome, ledger.reached(case.name, target))
            rows.append([case.title, what, bound(target), *cells])
    heading = [
        "case", "what", "to reach", "median", "quartiles (least to most)", "met", "last reached", "compared with that"]
    return table(heading, rows)


def target_cells(target, outcome, reached):
    """What was measured, whether that is enough, and how it compares with what was last reached."""
    last = amount(target, reached.median) if reached else "–"
    finding = find(target, outcome)
    spread = finding.spread
    if spread is None:
        is_proof = any(fall.is_proof for fall in outcome.failures.values())
        return ["not measured: a server failed", "", "no", last, "**worse**" if reached and is_proof else "–"]
    return [
        f"**{amount(target, spread.median)}**", extent(target, spread), met(finding, outcome), last,
        compared(target, outcome, spread, reached)]


def compared(target, outcome, spread, reached):
    """In a word, how it compares with what was last reached; nothing where it is the load's figure."""
    if compares_loads(target, outcome):
        return "–"
    change = compare(target, spread, reached)
    return change.value + (", disturbed" if outcome.disturbed and change in (Change.BETTER, Change.WORSE) else "")


def met(finding, outcome):
    if finding.is_met:
        return "yes"
    return "the load was the limit" if compares_loads(finding.target, outcome) else "**no**"


def source(surroundings):
    """Where the figures that were last reached are from."""
    if not surroundings:
        return "no earlier comparison."
    words = {"measured": "", "processor": " on ", "commit": ", commit "}
    return "".join(f"{before}{surroundings[name]}" for name, before in words.items() if name in surroundings) + "."


def against(target):
    if target.reference is None:
        return CONTESTANTS[target.subject].label
    if target.reference == "bun":
        return "against Bun"
    return f"{CONTESTANTS[target.subject].label} against {CONTESTANTS[target.reference].label}"


def bound(target):
    return ("at most " if target.at_most else "") + amount(target, target.bound, digits=None)


def amount(target, value, digits=2):
    if target.reference is None:
        return METRICS[target.metric].text(value, with_unit=True)
    return f"{value:g}x" if digits is None else f"{value:.{digits}f}x"


def extent(target, spread):
    def between(low, high):
        return f"{amount(target, low)} to {amount(target, high)}"
    return f"{between(spread.first_quartile, spread.third_quartile)} ({between(spread.low, spread.high)})"


def case_section(case, store):
    lines = [f"**{case.title}**", ""]
    outcome = store.outcome(case.name)
    if outcome is None:
        return "\n".join([*lines, "not measured"])
    metrics = [name for name in case.metrics if any(values(outcome.runs, each, name) for each in case.contestants)]
    metrics = ordered(metrics, case.contestants, outcome) if metrics else []
    rows = []
    for name in case.contestants:
        cells = [measured(values(outcome.runs, name, metric), METRICS[metric]) for metric in metrics]
        rows.append([CONTESTANTS[name].label, *cells])
    lines.append(table(["", *(METRICS[name].heading for name in metrics)], rows))
    held_back = [CONTESTANTS[name].label for name in case.contestants if was_held_back(outcome, name)]
    if held_back and case.has_rate:
        lines.append(f"\nThe load or its window was the limit of {', '.join(held_back)}.")
    for name, fall in outcome.failures.items():
        lines.append(f"\n{CONTESTANTS[name].label} took no part to the end: {first_line(fall.why)}")
    return "\n".join(lines)


def first_line(text):
    return text.splitlines()[0] if text else ""


def measured(found, metric):
    """Median, and from least to most."""
    if not found:
        return "–"
    spread = Spread.of(found)
    text = metric.text(spread.median)
    return text if spread.low == spread.high else f"{text} ({metric.text(spread.low)}–{metric.text(spread.high)})"


# Shown beside a curve's own metric where the relay counts it: most bends are bends of this one.
EXPLAINING = "sends_per_delivery"


def curve_table(curve, store):
    outcomes = {point: store.outcome(curve.case(point).name) for point in curve.points}
    columns = [(name, curve.metric) for name in curve.contestants]
    if any(outcome and values(outcome.runs, "relay", EXPLAINING) for outcome in outcomes.values()):
        columns.append(("relay", EXPLAINING))
    rows = []
    for point, outcome in outcomes.items():
        cells = [
            measured(values(outcome.runs, name, metric), METRICS[metric]) if outcome else "not measured"
            for name, metric in columns]
        rows.append([f"{point:,}", *cells])
    headings = [f"{CONTESTANTS[name].label}: {METRICS[metric].heading}" for name, metric in columns]
    return table([curve.axis, *headings], rows)


def disturbances(names, store):
    """A sentence about the quiet of the machine."""
    outcomes = {name: store.outcome(name) for name in names}
    outcomes = {name: outcome for name, outcome in outcomes.items() if outcome}
    rounds = sum(len(outcome.rounds) for outcome in outcomes.values())
    aside = sum(outcome.set_aside for outcome in outcomes.values())
    lines = [f"{rounds:,} rounds are in these figures; {aside:,} more were disturbed and repeated."]
    disturbed = {name: outcome for name, outcome in outcomes.items() if outcome.disturbed}
    if not disturbed:
        return lines[0] + " None that is in them was disturbed."
    lines.append("Disturbed and in them all the same, since no repetition was quieter:\n")
    for name, outcome in disturbed.items():
        worst = max(outcome.rounds, key=lambda each: each.severity)
        lines.append(f"- `{name}`: {outcome.disturbed} of {len(outcome.rounds)} rounds, at worst {worst.disturbance}")
    return "\n".join(lines)

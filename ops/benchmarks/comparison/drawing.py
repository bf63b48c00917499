"""The content of the plots, as plain data for the program that draws them."""

from comparison.contestants import CONTESTANTS
from comparison.limit import compares_loads
from comparison.metrics import METRICS
from comparison.spread import Spread, paired_ratios, values


def drawing(cases, curves, store):
    return {"targets": ratio_rows(cases, store), "curves": [curve_lines(curve, store) for curve in curves]}


def ratio_rows(cases, store):
    """How many times each target on a ratio is reached, round by round: 1 is the target, more is better. Rates are left
    out where the load was the limit."""
    rows = []
    for case in cases:
        outcome = store.outcome(case.name)
        for target in case.targets:
            if outcome is None or target.reference is None or compares_loads(target, outcome):
                continue
            ratios = paired_ratios(outcome.runs, target.subject, target.reference, target.metric)
            reached = [target.bound / ratio if target.at_most else ratio / target.bound for ratio in ratios]
            if reached:
                label = f"{case.name}: {METRICS[target.metric].label}"
                rows.append({"label": label, "rounds": reached, "median": Spread.of(reached).median})
    return rows


def curve_lines(curve, store):
    metric = METRICS[curve.metric]
    lines = []
    for name in curve.contestants:
        points = []
        for point in curve.points:
            outcome = store.outcome(curve.case(point).name)
            found = values(outcome.runs, name, curve.metric) if outcome else []
            if found:
                spread = Spread.of([value / metric.scale for value in found])
                points.append([point, spread.median, spread.low, spread.high])
        lines.append({"name": name, "label": CONTESTANTS[name].label, "points": points})
    return {
        "name": curve.name, "title": curve.title, "axis": curve.axis, "value": metric.heading,
        "is_logarithmic": curve.is_logarithmic, "lines": lines}

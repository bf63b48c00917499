"""How the outcome of an attack is told: as a row of a table, or as a line of JSON."""

import json

from actors import Failed
from metrics import milliseconds
from verdicts import mib

COLUMNS = [
    "attack", "loops", "start MiB", "peak", "rest", "quiet p50 ms", "p99", "longest", "/health p99", "longest turn ms",
    "machine p99", "exceeded"]
HEADINGS = "| " + " | ".join(COLUMNS) + " |\n" + "| --- " * len(COLUMNS) + "|"


def place(setting):
    parts = [str(setting.loops)]
    if setting.has_small_buffers:
        parts.append("small buffers")
    if setting.cgroup_bytes is not None:
        parts.append(f"cgroup {mib(setting.cgroup_bytes)} MiB")
    return ", ".join(parts)


def row(name, setting, result, found):
    words = "; ".join(found).replace("\n", " ") or "-"
    if isinstance(result, Failed):
        return f"| {name} | {place(setting)} |" + " |" * 9 + f" {words} |"
    at = result.measured
    cells = [
        name, place(setting), mib(at.start_bytes), mib(at.peak_bytes), mib(at.rest_bytes),
        milliseconds(at.quiet.p50), milliseconds(at.quiet.p99), milliseconds(at.quiet.longest),
        milliseconds(at.health.p99), milliseconds(at.longest_turn),
        milliseconds(result.lateness.p99), words]
    return "| " + " | ".join(cells) + " |"


def line(name, setting, result, found):
    fields = {"attack": name, "loops": setting.loops, "small_buffers": setting.has_small_buffers,
              "cgroup_bytes": setting.cgroup_bytes, "exceeded": found}
    if not isinstance(result, Failed):
        measured = result.measured
        fields |= measured._asdict() | {
            "quiet": measured.quiet._asdict(), "health": measured.health._asdict(), "quiet_rooms": result.quiet_rooms,
            "lateness": result.lateness._asdict(),            "counted": result.counted,
            "buffered_at_rest": result.buffered_at_rest, "cgroup_peak": result.cgroup_peak,
            "curve": result.curve, "quiet_curve": result.quiet_curve}
        # JSON has no infinity.
        fields["longest_turn"] = min(measured.longest_turn, 1e9)
    return json.dumps(fields)

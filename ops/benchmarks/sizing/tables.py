"""The tables of CAPACITY.md."""

from comparison import report
from comparison.report import table
from sizing.search import Standing, judge
from sizing.sizes import CONNECTIONS, DELIVERIES, MOST_BUSY, PHONES, SHARED, burst_seconds

def megabytes(size):
    return f"{size / 1e6:,.0f}"


def hourly(bytes_per_second):
    size = bytes_per_second * 3600 / 1e6
    return f"{size:,.0f}" if size >= 10 else f"{size:.1f}"


def kilobytes(size):
    return f"{size / 1e3:,.1f}"


def resident_bytes(capacity, memory):
    """Measured, or for a machine that is larger than the trial: as much for each connection as in the trial."""
    return memory.fresh + capacity.rooms * CONNECTIONS * playing_bytes(capacity.trial, memory)


def playing_bytes(trial, memory):
    """For each connection of a trial."""
    return max(0, trial.resident_bytes - memory.fresh) / (trial.rooms * CONNECTIONS)


def capacity_row(size, capacity, memory):
    if capacity is None:
        return [size.label, *["–"] * 7, "not known: no trial held"]
    connections = capacity.rooms * CONNECTIONS
    resident = resident_bytes(capacity, memory)
    if capacity.is_measured:
        cpu, p99 = capacity.trial.cpu, f"{capacity.trial.p99_seconds * 1e3:.1f}"
    else:
        cpu = min(size.most_cpu, capacity.trial.cpu * capacity.rooms / capacity.trial.rooms)
        p99 = "–"
    basis = "measured" if capacity.is_measured else f"calculated from {capacity.trial.rooms:,} rooms"
    return [
        size.label, f"{capacity.rooms:,}", f"**{capacity.rooms * PHONES:,}**", f"{connections:,}",
        f"{capacity.rooms * DELIVERIES:,}", f"{cpu:.2f} of {size.cores * size.share:.3g}", p99,
        f"{megabytes(resident)} / {megabytes(memory.machine(connections, resident))}", f"{capacity.bound}; {basis}"]


def capacities(rows, memory):
    """`rows` are pairs of a size and its capacity."""
    heading = [
        "machine", "rooms", "players", "connections", "deliveries/s", "CPU, cores", "p99, ms",
        "MB resident / with the kernel's", "limit; basis"]
    return table(heading, [capacity_row(size, capacity, memory) for size, capacity in rows])


def trials(pairs):
    """`pairs` are of a size, and its trials with the limit that they were judged by."""
    rows = []
    for size, most_cpu, of_size in pairs:
        for trial in sorted(of_size, key=lambda trial: trial.rooms):
            finding = judge(trial, most_cpu)
            verdict = finding.standing.value + (f": {finding.reason}" if finding.reason else "")
            deliveries = trial.deliveries_per_second
            each = f"{trial.cpu / deliveries * 1e6:.1f}" if deliveries else "–"
            rows.append([
                size.label, f"{trial.rooms:,}", f"{trial.cpu:.3f}", each, f"{trial.p99_seconds * 1e3:.1f}",
                megabytes(trial.resident_bytes), f"{trial.load_share:.2f}", verdict, f"{trial.severity:.1f}"])
    heading = [
        "machine", "rooms", "CPU, cores", "CPU per delivery, µs", "p99, ms", "MB resident",
        "busiest thread of the load", "verdict", "disturbance"]
    return table(heading, rows)


def memory_table(memory, capacity):
    """`capacity` is that of a machine on which connections are many."""
    playing = kilobytes(playing_bytes(capacity.trial, memory)) if capacity else "–"
    return table(["", "kB"], [
        ["the relay, fresh", kilobytes(memory.fresh)],
        ["a connection in no room", kilobytes(memory.connection)],
        [f"a room of {CONNECTIONS}, its connections not counted", kilobytes(memory.room)],
        ["a member of such a room, with its part of the room", kilobytes(memory.member)],
        ["a member of a room that plays, with its part of all", playing],
        ["of the kernel, for each connection", kilobytes(memory.kernel)]])


def bandwidth_table(rows):
    """`rows` are of a label, the calculated bandwidth, and what calculated and measured bytes were compared."""
    cells = []
    for label, bandwidth, compared in rows:
        is_equal = compared.calculated == compared.measured
        check = f"{compared.measured.received:,} and {compared.measured.sent:,} B counted, " + (
            "as calculated" if is_equal else
            f"**{compared.calculated.received:,} and {compared.calculated.sent:,} calculated**")
        cells.append([
            label, rate(bandwidth.received), rate(bandwidth.sent), rate(bandwidth.most_received),
            rate(bandwidth.most_sent), hourly(bandwidth.most_sent), check])
    heading = [
        "one party", "frames to the relay", "frames from it", "on the wire to it, at most", "from it, at most",
        "MB sent in an hour, at most", "check"]
    return table(heading, cells)


def rate(bytes_per_second):
    if bytes_per_second < 1000:
        return f"{bytes_per_second:.1f} B/s"
    return f"{bytes_per_second / 1000:,.1f} kB/s"


def bursts(trials):
    """How long the smallest machine bears more than it bears for ever."""
    rows = []
    for trial in trials:
        seconds = burst_seconds(trial.cpu)
        lasting = "for ever" if seconds is None else duration(seconds)
        if judge(trial, MOST_BUSY).standing is not Standing.HOLDS:
            lasting = "not known: " + judge(trial, MOST_BUSY).reason
        rows.append([f"{trial.rooms:,}", f"{trial.rooms * PHONES:,}", f"{trial.cpu:.3f}", lasting])
    return table(["rooms", "players", "CPU, cores", "a full balance lasts"], rows)


def duration(seconds):
    if seconds < 5400:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"


def empty_balance(trial):
    """A sentence about the smallest machine when its processor is held to its quota."""
    if trial is None:
        return "This machine allows no control group, so that was not measured."
    if trial.failure:
        return f"With {trial.rooms} rooms and nothing saved up, the load gave up: {report.first_line(trial.failure)}."
    disturbed = ", while others disturbed it" if trial.severity > 1 else ""
    return (
        f"With {trial.rooms} rooms and nothing saved up, the p99 was {trial.p99_seconds * 1e3:.0f} ms at "
        f"{trial.cpu / SHARED.share:.0%} of the quota{disturbed}.")


def quiet(all_trials):
    """A sentence about the quiet of the machine."""
    disturbed = [trial for trial in all_trials if trial.severity > 1]
    if not disturbed:
        return f"None of the {len(all_trials)} trials was disturbed."
    worst = max(disturbed, key=lambda trial: trial.severity)
    return (
        f"**{len(disturbed)} of {len(all_trials)} trials were disturbed by others**, at worst {worst.disturbance}: "
        "measure again when the machine is quiet.")


def replace_between(text, name, part):
    """The text with `part` between the two comments of this name; ValueError if they are not there once each."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ValueError(f"no place for {name}")
    before, rest = text.split(begin)
    return f"{before}{begin}\n\n{part}\n\n{end}{rest.split(end)[1]}"

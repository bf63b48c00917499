"""The measurements, kept between runs: one case can be measured again, and the report written anew."""

import datetime
import json

from comparison.rounds import Fall, Outcome, Round
from comparison.spread import values


class Store:
    """One machine and one state of the sources; other ones start afresh."""

    def __init__(self, path, identity):
        self.path = path
        self.identity = identity
        self.records = {}
        if path.exists():
            kept = json.loads(path.read_text())
            if kept["identity"] == identity:
                self.records = kept["records"]

    def outcome(self, name):
        record = self.records.get(name)
        if record is None:
            return None
        failures = {name: Fall(**fall) for name, fall in record["failures"].items()}
        return Outcome([Round(**each) for each in record["rounds"]], record["set_aside"], failures)

    def keep(self, name, outcome):
        self.records[name] = {
            "measured_at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "rounds": [each._asdict() for each in outcome.rounds],
            "set_aside": outcome.set_aside,
            "failures": {name: fall._asdict() for name, fall in outcome.failures.items()},
        }
        self.path.parent.mkdir(exist_ok=True)
        draft = self.path.with_suffix(".draft")
        draft.write_text(json.dumps({"identity": self.identity, "records": self.records}, indent=1))
        draft.replace(self.path)

    def values_of(self, contestant, metric):
        """A metric's values in all measured cases."""
        rounds = [each["runs"] for record in self.records.values() for each in record["rounds"]]
        return values(rounds, contestant, metric)

    def moments(self):
        """The times of the first and the last measurement."""
        all_moments = sorted(record["measured_at"] for record in self.records.values())
        return (all_moments[0], all_moments[-1]) if all_moments else None

"""How long things took, of all tests."""

import json
import statistics


class Times:
    """Seconds, by what was measured."""

    seconds = {}
    figures = {}

    @classmethod
    def note(cls, what, seconds):
        cls.seconds.setdefault(what, []).extend(seconds)

    @classmethod
    def tell(cls, what, value):
        cls.figures[what] = value

    @classmethod
    def conclude(cls, file):
        """Prints all, and writes it down."""
        summary = {
            what: {"count": len(values), "p50": round(statistics.median(values), 3), "max": round(max(values), 3)}
            for what, values in cls.seconds.items()}
        for what, each in summary.items():
            print(f"{what}: p50 {each['p50']} s, max {each['max']} s of {each['count']}")
        for what, value in cls.figures.items():
            print(f"{what}: {value}")
        if summary or cls.figures:
            file.parent.mkdir(exist_ok=True)
            file.write_text(json.dumps({"seconds": summary, "figures": cls.figures}, indent=4) + "\n")

"""Transcripts, and how they are compared."""

import difflib


def difference(path, expected, found):
    """Empty if there is none."""
    return "".join(difflib.unified_diff(
        expected.splitlines(True), found.splitlines(True), str(path), "now", n=3))


def heard_by(client, text):
    """What this one has got, and in which step."""
    heard, step = [], 0
    for line in text.splitlines():
        if line.startswith(f"    {client} gets "):
            heard.append(f"step {step}: {line.strip()}\n")
        elif not line.startswith(" "):
            step += 1
    return "".join(heard)

"""The short comparison, which CI runs: few rounds of few cases."""

from comparison import report
from comparison.cases import short_cases
from comparison.contestants import CONTESTANTS
from comparison.rounds import run_case
from comparison.spread import values
from comparison.verdict import Verdict, find, judge


def run(laboratory, ledger, reserve, rounds, tell, say):
    """Measures and judges. On a machine that is not quiet nothing fails, since noise proves nothing.

    Returns whether all is good, the findings, and what the machine is like.
    """
    tally = {verdict: 0 for verdict in Verdict}
    findings, alike = [], {"cores": len(laboratory.cores)}
    for case in short_cases():
        outcome = run_case(case._replace(rounds=rounds or case.rounds), laboratory, reserve, tell)
        alike |= {"io_uring": bool(told[-1]) for told in [values(outcome.runs, "relay", "io_uring")] if told}
        for target in case.targets:
            held = ledger.held(case.name, target, alike)
            finding = find(held, outcome)
            verdict = judge(finding, outcome)
            say(f"{case.name}: {sentence(finding, is_reached=held is not target)}: {verdict.value}")
            tally[verdict] += 1
            # A single round has no spread by which a later one could be judged.
            if case.rounds > 1:
                findings.append((case.name, finding))
        for name, fall in outcome.failures.items():
            say(f"{case.name}: {CONTESTANTS[name].label} did not stand it: {fall.why}")
    say(f"tests: {tally[Verdict.MET] + tally[Verdict.MISSED]}")
    if tally[Verdict.NOISE]:
        say(f"no verdict: the machine was not quiet for {tally[Verdict.NOISE]} of {sum(tally.values())} figures")
    return tally[Verdict.MISSED] == 0, findings, alike


def sentence(finding, is_reached):
    target = finding.target
    measured = report.amount(target, finding.spread.median) if finding.spread else "nothing"
    source = "by what was reached" if is_reached else "to reach"
    return f"{report.METRICS[target.metric].label} {measured}, {report.bound(target)} {source}"

"""Judges cases by a rule: `judge.py RULE FOLDER`; runs in the environment that has the rule's library.

`plan.json` in the folder has the programs, and for each scenario the range of seeds and the windows that each
seed has. The counts of each scenario, see `Tally`, become a line of `counts.jsonl`.
"""

import importlib
import json
import os
import sys
from collections import Counter, defaultdict
from pathlib import Path

from scenarios import make, scenarios

LEVELS = (0.05, 0.01, 0.001)


class Tally:
    """Counts of a rule in a scenario.

    A run is all windows of a flow, otherwise one window. By kind of column: decisions, flagged and undecided,
    for unchanged and changed columns; p-values: how many there are, and how many reach each of `LEVELS`.
    `found` has the changed columns of all runs and those that were flagged in at least one window;
    `false_share` is the sum over runs of the share of false among the flagged.
    """

    def __init__(self):
        self.runs = self.false_runs = 0
        self.unchanged = defaultdict(lambda: [0, 0, 0])
        self.changed = defaultdict(lambda: [0, 0, 0])
        self.p_values = defaultdict(lambda: [0] * (1 + len(LEVELS)))
        self.others = Counter()
        self.found = [0, 0]
        self.false_share = 0.0

    def add(self, case, verdicts):
        """Takes in what a rule says of a case."""
        kinds = {column.name: column.kind for column in case.scenario.columns}
        verdicts = list(zip(case.changed, verdicts, strict=True))
        for changed, verdict in verdicts:
            self.others.update(verdict.others)
            for name, kind in kinds.items():
                counts = (self.changed if name in changed else self.unchanged)[kind]
                counts[0] += 1
                counts[1] += name in verdict.flagged
                counts[2] += name in verdict.undecided
            for name, p_value in verdict.p_values:
                counts = self.p_values[kinds.get(name, name)]
                counts[0] += 1
                for position, level in enumerate(LEVELS, 1):
                    counts[position] += p_value <= level
        for run in [verdicts] if case.scenario.flow else [[one] for one in verdicts]:
            self.add_run(run)

    def add_run(self, run):
        """Takes in the windows of a run, each as changed columns and verdict."""
        n_false = sum(len(verdict.flagged - changed) + len(verdict.others) for changed, verdict in run)
        n_true = sum(len(verdict.flagged & changed) for changed, verdict in run)
        self.runs += 1
        self.false_runs += n_false > 0
        self.false_share += n_false / max(n_false + n_true, 1)
        self.found[0] += len(set().union(*(changed for changed, _ in run)))
        self.found[1] += len(set().union(*(verdict.flagged & changed for changed, verdict in run)))


def main(rule, folder):
    """Goes through the plan."""
    folder = Path(folder)
    judge = importlib.import_module(f"rules.{rule}").judge
    plan = json.loads((folder / "plan.json").read_text())
    known = scenarios()
    with (folder / "counts.jsonl").open("w") as lines:
        for name, seeds, n_windows in plan["scenarios"]:
            tally = Tally()
            start = seconds()
            for seed in range(*seeds):
                case = make(known[name], seed, n_windows)
                tally.add(case, judge(case, plan["programs"], folder))
            print(json.dumps({"scenario": name, "seconds": seconds() - start} | vars(tally)), file=lines, flush=True)


def seconds():
    """CPU seconds of this process and of those that it waited for."""
    return sum(os.times()[:4])


if __name__ == "__main__":
    main(*sys.argv[1:])

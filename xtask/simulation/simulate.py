"""Measures how often decision rules are wrong and what they find: Keepwell's, its peers', and p < 0.05.

Called by `cargo xtask simulate`; writes the counts as JSON and the tables as a page. Everything is drawn from
seeds, so two runs of the same versions give the same page.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from page import page
from scenarios import scenarios

HERE = Path(__file__).parent
# Each rule with the environment that has what it needs, and the number of windows to a reference.
RULES = {
    "keepwell_default": ("own", 1),
    "evidently_default": ("evidently", 5),
    "nannyml_default": ("nannyml", 5),
    "whylogs_default": ("whylogs", 5),
    "plain_p": ("own", 5),
}
# References for each group: for Keepwell and for the others, up to a thousand rows and above.
REFERENCES = {
    "unchanged": ((1_000, 20), (300, 5)),
    "short reference": ((500, 10), (500, 10)),
    "alone": ((500, 0), (500, 0)),
    "outcomes": ((500, 0), (200, 0)),
    "changed": ((200, 6), (60, 2)),
    "flow": ((50, 4), (50, 4)),
    "jump": ((50, 4), (50, 4)),
}
# One thread to a process, for there is one process to a core; and no calls home.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "DO_NOT_TRACK": "1",
               "NML_DISABLE_USAGE_LOGGING": "1", "WHYLOGS_NO_ANALYTICS": "True"}


def plan(rule, part, parts, divisor):
    """Scenarios of a rule with first and last seed and the step of a part."""
    chosen = []
    for name, scenario in scenarios().items():
        of_keepwell, of_others = REFERENCES[scenario.group][scenario.rows > 1_000]
        n_seeds = of_keepwell if rule == "keepwell_default" else of_others
        if n_seeds:
            n_seeds = max(n_seeds // divisor, parts)
            chosen.append((name, [part, n_seeds, parts], RULES[rule][1]))
    return chosen


def judged(rule, python, programs, folder, divisor):
    """The counts of a rule by scenario, from as many processes as there are cores."""
    parts = os.cpu_count() or 1
    processes = []
    for part in range(parts):
        own = folder / f"{rule}-{part}"
        own.mkdir(parents=True, exist_ok=True)
        chosen = {"programs": programs, "scenarios": plan(rule, part, parts, divisor)}
        (own / "plan.json").write_text(json.dumps(chosen))
        command = [python, str(HERE / "judge.py"), rule, str(own)]
        processes.append(subprocess.Popen(command, env=os.environ | ENVIRONMENT))
    counts = {}
    for part, process in enumerate(processes):
        if process.wait() != 0:
            sys.exit(f"failed: {' '.join(process.args)}")
        for line in (folder / f"{rule}-{part}" / "counts.jsonl").read_text().splitlines():
            found = json.loads(line)
            name = found.pop("scenario")
            counts[name] = added(counts[name], found) if name in counts else found
    return counts


def added(left, right):
    """The sum of two counts, however nested."""
    if isinstance(left, dict):
        return {key: added(left[key], right[key]) if key in left and key in right else left.get(key, right.get(key))
                for key in left | right}
    if isinstance(left, list):
        return [added(*pair) for pair in zip(left, right)]
    return left + right


def main():
    """Judges by each rule in turn and writes the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("page", type=Path, help="where a full run writes its page")
    parser.add_argument("--program", action="append", default=[], metavar="NAME=PATH")
    parser.add_argument("--quick", action="store_true", help="a tenth of the runs; the page goes to the folder")
    parser.add_argument("--rule", action="append", choices=list(RULES), help="judge by this rule; others as last time")
    arguments = parser.parse_args()
    programs = dict(program.split("=", 1) for program in arguments.program)
    programs["own"] = sys.executable
    arguments.folder.mkdir(parents=True, exist_ok=True)
    stored = arguments.folder / ("quick.json" if arguments.quick else "results.json")
    results = json.loads(stored.read_text()) if stored.exists() and arguments.rule else {}
    for rule in arguments.rule or RULES:
        start = time.monotonic()
        python = programs[RULES[rule][0]]
        results[rule] = judged(rule, python, programs, arguments.folder, 10 if arguments.quick else 1)
        stored.write_text(json.dumps(results, indent=1))
        print(f"{rule}: {time.monotonic() - start:.0f} s", flush=True)
    missing = [rule for rule in RULES if rule not in results]
    if missing:
        sys.exit(f"no page before these have run, too: {', '.join(missing)}")
    path = arguments.folder / "simulation.md" if arguments.quick else arguments.page
    path.write_text(page(results, programs), encoding="utf-8")
    print(f"wrote {path}")


if __name__ == "__main__":
    main()

"""Times `keepwell check` beside DuckDB's bare scan and beside its peers, on the same files.

Called by `cargo xtask bench`; prints a Markdown table for each workload. A figure is of whole processes,
CPU seconds as the operating system accounts for them; the commands of a workload run in turn.
"""

import argparse
import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from measure import measure
from provenance import machine, versions

PEERS = Path(__file__).with_name("peers")
RUNS = 5
# The features that `workload.py` changes.
CHANGED = {"cat_02", "cat_06", "num_03", "num_17", "num_24"}


@dataclass(frozen=True)
class Command:
    """The words of a command, how often it runs, and what reads the flagged columns from its output."""

    words: list
    runs: int = RUNS
    flagged: object = None


@dataclass(frozen=True)
class Workload:
    """What is measured, the files as (kind, rows, seed), and the commands; the first is the unit of the others."""

    about: str
    files: dict
    commands: dict


def flagged_by_peer(output):
    """The columns that the script of a peer prints in its last line."""
    return set(json.loads(output.strip().splitlines()[-1]))


def flagged_by_keepwell(output):
    """The features among Keepwell's findings."""
    columns = {finding.get("column") or "" for finding in json.loads(output)["findings"]}
    return {name for name in columns if name.startswith(("num_", "cat_"))}


def check(programs, *arguments):
    """The words that run `keepwell check` and print its results."""
    return [programs["keepwell"], "check", *arguments, "--quiet", "--json", "-"]


def scan(programs, *paths):
    """The words that run DuckDB's scan."""
    return [programs["bench"], str(PEERS / "duckdb_scan.py"), *paths]


def tables(programs, folder, rows, runs=RUNS):
    """Two files of 45 columns: the scan and Keepwell."""
    paths = [str(folder / f"{side}_{rows}.parquet") for side in ("reference", "current")]
    command = check(programs, "--reference", paths[0], "--current", paths[1], "--segment", "region")
    return Workload(
        about=f"two files of {rows:,} rows and 45 columns",
        files={path: ("events", rows, seed) for seed, path in enumerate(paths)},
        commands={
            "DuckDB: count and sum of every column": Command(scan(programs, *paths), runs),
            "`keepwell check`, exact": Command(command, runs, flagged_by_keepwell),
            "`keepwell check --approx`": Command([*command, "--approx"], runs, flagged_by_keepwell),
        },
    )


def beside_peers(programs, folder, rows, peer_runs=RUNS):
    """The same, and the peers, which need minutes at a million rows."""
    workload = tables(programs, folder, rows)
    paths = list(workload.files)
    for name, peer, arguments, runs in (
        ("NannyML: univariate drift by its default method, performance", "nannyml", [], peer_runs),
        ("NannyML: the same by the methods that Keepwell has, too", "nannyml", ["all"], peer_runs),
        ("whylogs: profiles, drift report", "whylogs", [], peer_runs),
        ("Evidently: drift, summary and classification presets", "evidently", [], peer_runs),
    ):
        words = [programs[peer], str(PEERS / f"{peer}_run.py"), *paths, *arguments]
        workload.commands[name] = Command(words, runs, flagged_by_peer)
    return workload


def million(programs, folder):
    """A million rows in each of two files."""
    return beside_peers(programs, folder, 1_000_000, peer_runs=1)


def hundred_thousand(programs, folder):
    """A hundred thousand rows in each of two files."""
    return beside_peers(programs, folder, 100_000, peer_runs=1)


def ten_million(programs, folder):
    """Ten million rows in each of two files: whether time is linear and memory bounded."""
    return tables(programs, folder, 10_000_000, runs=1)


def windows(programs, folder):
    """Classification metrics of 720 hours and five regions; Keepwell's reference is a file of 1 % of the rows."""
    reference, current = (str(folder / f"predictions_{side}.parquet") for side in ("reference", "current"))
    command = check(programs, "--reference", reference, "--current", current, "--every", "1h", "--segment", "region",
                    "--positive", "yes")
    return Workload(
        about="10,000,000 predictions in 720 hours and 5 regions",
        files={reference: ("predictions", 100_000, 0), current: ("predictions", 10_000_000, 2)},
        commands={
            "Polars: five metrics of each hour and region":
                Command([programs["bench"], str(PEERS / "polars_run.py"), current]),
            "`keepwell check --every 1h --only performance`": Command([*command, "--only", "performance"]),
            "`keepwell check --every 1h`": Command(command),
        },
    )


def wide(programs, folder):
    """A profile of ten million rows of 20 numbers, in two files of which one is the reference."""
    paths = [str(folder / f"numbers_{side}.parquet") for side in ("reference", "current")]
    command = check(programs, "--reference", paths[0], "--current", paths[1])
    return Workload(
        about="10,000,000 rows of 20 float64 columns in two files",
        files={path: ("numbers", 5_000_000, seed) for path, seed in zip(paths, (0, 2))},
        commands={
            "DuckDB: count and sum of every column": Command(scan(programs, *paths)),
            "`keepwell check --approx`": Command([*command, "--approx"]),
            "`keepwell check`, exact": Command(command),
        },
    )


WORKLOADS = {make.__name__: make for make in (million, hundred_thousand, ten_million, windows, wide)}


def made(workload):
    """Makes the files that are not there yet, in processes of their own, and gives their size in MiB.

    What this process held would count as the peak of those that it starts.
    """
    for path, (kind, rows, seed) in workload.files.items():
        if not Path(path).exists():
            maker = [sys.executable, str(Path(__file__).with_name("workload.py")), kind, str(rows), str(seed)]
            subprocess.run([*maker, f"{path}.part"], check=True)
            Path(f"{path}.part").rename(path)
    return sum(Path(path).stat().st_size for path in workload.files) / 2**20


def print_table(workload, size, runs):
    """One row for each command."""
    medians = {name: statistics.median(run.cpu for run in of) for name, of in runs.items()}
    unit = next(iter(medians))
    own = next(name for name in medians if name.startswith("`keepwell"))
    has_flags = any(command.flagged for command in workload.commands.values())
    print(f"{workload.about}, {size:.0f} MiB; CPU seconds are the median (least to greatest).\n")
    names = ["command", "runs", "CPU seconds", f"times {unit.split(':')[0]}", "times Keepwell", "peak memory, MiB"]
    names += ["changed columns found", "others flagged"] if has_flags else []
    print(f"| {' | '.join(names)} |\n|{'---|' * len(names)}")
    for name, of in runs.items():
        cpu = sorted(run.cpu for run in of)
        spread = f" ({cpu[0]:.2f} to {cpu[-1]:.2f})" if len(cpu) > 1 else ""
        cells = [name, str(len(of)), f"{medians[name]:.2f}{spread}", f"{medians[name] / medians[unit]:.1f}",
                 f"{medians[name] / medians[own]:.1f}", f"{max(run.memory for run in of):.0f}"]
        read = workload.commands[name].flagged
        if read:
            flagged = read(of[-1].output)
            cells += [f"{len(flagged & CHANGED)} of {len(CHANGED)}", str(len(flagged - CHANGED))]
        elif has_flags:
            cells += ["", ""]
        print(f"| {' | '.join(cells)} |")
    print(flush=True)


def main():
    """Makes the files once, runs the commands in turn, prints the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--program", action="append", default=[], metavar="NAME=PATH")
    parser.add_argument("workloads", nargs="+", choices=list(WORKLOADS))
    arguments = parser.parse_args()
    programs = dict(program.split("=", 1) for program in arguments.program)
    print(f"{date.today()}, {machine()}; {versions(programs)}.\n")
    for name in arguments.workloads:
        workload = WORKLOADS[name](programs, arguments.folder)
        size = made(workload)
        runs = {command: [] for command in workload.commands}
        for turn in range(max(command.runs for command in workload.commands.values())):
            for command, of in workload.commands.items():
                if turn < of.runs:
                    runs[command].append(measure(of.words))
        print(f"### {WORKLOADS[name].__doc__.strip().rstrip('.')}\n")
        print_table(workload, size, runs)


if __name__ == "__main__":
    main()

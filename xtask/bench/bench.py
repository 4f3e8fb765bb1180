"""Times `keepwell check` beside DuckDB's bare scan of the same files.

Called by `cargo xtask bench`; prints a Markdown table. Each figure is the median of five whole
processes, CPU seconds as the operating system accounts for them.
"""

import os
import platform
import statistics
import subprocess
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path

RUNS = 5
ROWS = 1_000_000

SCAN = """
import duckdb, sys
for path in sys.argv[1:]:
    table = f"read_parquet('{path}')"
    columns = duckdb.sql(f"DESCRIBE SELECT * FROM {table}").fetchall()
    terms = [
        f'count("{name}"), sum("{name}")' if kind == "DOUBLE" else f'count("{name}"), sum(length("{name}"::VARCHAR))'
        for name, kind, *_ in columns
    ]
    duckdb.sql(f"SELECT {', '.join(terms)} FROM {table}").fetchall()
"""


def measure(command):
    """CPU seconds and peak memory in MiB of one run."""
    silent = os.open(os.devnull, os.O_WRONLY)
    child = os.posix_spawn(
        command[0],
        command,
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, silent, 1), (os.POSIX_SPAWN_DUP2, silent, 2)],
    )
    _, status, usage = os.wait4(child, 0)
    os.close(silent)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"failed: {' '.join(command)}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main(keepwell, folder):
    """Makes the files once, runs the commands in turn, prints the table."""
    folder = Path(folder)
    paths = [str(folder / "reference.parquet"), str(folder / "current.parquet")]
    if not all(Path(path).exists() for path in paths):
        # In a process of its own: what this one holds would count as the peak of those that it starts.
        workload = str(Path(__file__).with_name("workload.py"))
        subprocess.run([sys.executable, workload, str(ROWS), *paths], check=True)
    check = [keepwell, "check", "--reference", paths[0], "--current", paths[1], "--segment", "region"]
    commands = {
        "DuckDB: count and sum of every column": [sys.executable, "-c", SCAN, *paths],
        "`keepwell check`, exact": check,
        "`keepwell check --approx`": [*check, "--approx"],
    }
    figures = {name: [] for name in commands}
    for _ in range(RUNS):
        for name, command in commands.items():
            figures[name].append(measure(command))
    scan = statistics.median(cpu for cpu, _ in figures["DuckDB: count and sum of every column"])
    size = sum(Path(path).stat().st_size for path in paths) / 2**20
    print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores, DuckDB {version('duckdb')}; two files of "
          f"{ROWS:,} rows and 45 columns, {size:.0f} MiB; median (least to greatest) of {RUNS} runs.\n")
    print("| command | CPU seconds | times the scan | peak memory, MiB |")
    print("|---|---|---|---|")
    for name, runs in figures.items():
        cpu = sorted(seconds for seconds, _ in runs)
        median = statistics.median(cpu)
        memory = max(peak for _, peak in runs)
        print(f"| {name} | {median:.2f} ({cpu[0]:.2f} to {cpu[-1]:.2f}) | {median / scan:.1f} | {memory:.0f} |")


if __name__ == "__main__":
    main(*sys.argv[1:])

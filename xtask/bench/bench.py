"""Times `keepwell check` beside DuckDB's bare scan of the same files.

Called by `cargo xtask bench`; prints a Markdown table. Each figure is the median of five whole
processes, CPU seconds as the operating system accounts for them.
"""

import os
import platform
import statistics
import sys
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

RUNS = 5
ROWS = 1_000_000
CARDINALITIES = (5, 10, 20, 50, 100, 200, 500, 1_000, 5_000, 10_000)

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


def column(rng, index, rows, is_changed):
    """A numeric column; of the changed sample some are shifted or spread."""
    values = rng.lognormal(size=rows) if index % 3 == 0 else rng.normal(scale=10.0 ** (index % 4), size=rows)
    if is_changed and index in (3, 17):
        values = values + 0.5 * values.std()
    if is_changed and index == 24:
        values = values * 1.6
    return pa.array(values, mask=rng.random(rows) < 0.02)


def category(rng, index, rows, is_changed):
    """A categorical column with Zipf weights; of the changed sample some are rotated."""
    size = CARDINALITIES[index]
    weights = 1 / np.arange(1, size + 1)
    if is_changed and index in (2, 6):
        weights = np.roll(weights, 2)
    codes = rng.choice(size, rows, p=weights / weights.sum()).astype(np.int32)
    names = pa.array([f"value_{code:05d}" for code in range(size)])
    return names.take(pa.array(codes, mask=rng.random(rows) < 0.02))


def write(path, seed, is_changed):
    """30 numeric and 10 categorical features, target, prediction, score, time and segment."""
    rng = np.random.default_rng(seed)
    columns = {f"num_{index:02d}": column(rng, index, ROWS, is_changed) for index in range(30)}
    columns |= {f"cat_{index:02d}": category(rng, index, ROWS, is_changed) for index in range(10)}
    score = rng.beta(2, 5, ROWS)
    columns["target"] = np.where(rng.random(ROWS) < score, "yes", "no")
    columns["prediction"] = np.where(score >= 0.4, "yes", "no")
    columns["score"] = score
    seconds = np.sort(rng.integers(0, 30 * 86_400, ROWS)) + 1_760_000_000
    columns["timestamp"] = pa.array(seconds * 1_000_000, type=pa.timestamp("us", "UTC"))
    columns["region"] = np.array(["north", "south", "east", "west", "centre"])[rng.integers(0, 5, ROWS)]
    pq.write_table(pa.table(columns), path, compression="zstd")


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
    for seed, path in enumerate(paths):
        if not Path(path).exists():
            write(path, seed, is_changed=seed == 1)
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
    print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores, DuckDB {duckdb.__version__}; two files of "
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

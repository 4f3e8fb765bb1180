"""Writes a file that `bench.py` measures: `workload.py KIND ROWS SEED FILE`; seed 1 is the changed sample.

Files are written in row groups of a million rows, so that one of any length fits in memory.
"""

import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

GROUP_ROWS = 1_000_000
CARDINALITIES = (5, 10, 20, 50, 100, 200, 500, 1_000, 5_000, 10_000)
REGIONS = np.array(["north", "south", "east", "west", "centre"])
START_SECONDS = 1_760_000_400
MONTH_SECONDS = 30 * 86_400
CHANGED = ("cat_02", "cat_06", "num_03", "num_17", "num_24")


def column(rng, index, rows, is_changed):
    """A numeric column; of the changed sample some are shifted or spread."""
    values = rng.lognormal(size=rows) if index % 3 == 0 else rng.normal(scale=10.0 ** (index % 4), size=rows)
    if is_changed and f"num_{index:02d}" in CHANGED:
        values = values * 1.6 if index == 24 else values + 0.5 * values.std()
    return pa.array(values, mask=rng.random(rows) < 0.02)


def category(rng, index, rows, is_changed):
    """A categorical column with Zipf weights; of the changed sample some are rotated."""
    size = CARDINALITIES[index]
    weights = 1 / np.arange(1, size + 1)
    if is_changed and f"cat_{index:02d}" in CHANGED:
        weights = np.roll(weights, 2)
    codes = rng.choice(size, rows, p=weights / weights.sum()).astype(np.int32)
    names = pa.array([f"value_{code:05d}" for code in range(size)])
    return names.take(pa.array(codes, mask=rng.random(rows) < 0.02))


def outcomes(rng, rows, start, end):
    """Target, prediction, score, ascending times within `[start, end)` of the month, and a segment."""
    score = rng.beta(2, 5, rows)
    seconds = np.sort(rng.integers(int(start * MONTH_SECONDS), int(end * MONTH_SECONDS), rows))
    return {
        "target": np.where(rng.random(rows) < score, "yes", "no"),
        "prediction": np.where(score >= 0.4, "yes", "no"),
        "score": score,
        "timestamp": pa.array((seconds + START_SECONDS) * 1_000_000, type=pa.timestamp("us", "UTC")),
        "region": REGIONS[rng.integers(0, len(REGIONS), rows)],
    }


def events(rng, rows, start, end, is_changed):
    """30 numeric and 10 categorical features, target, prediction, score, time and segment."""
    columns = {f"num_{index:02d}": column(rng, index, rows, is_changed) for index in range(30)}
    columns |= {f"cat_{index:02d}": category(rng, index, rows, is_changed) for index in range(10)}
    return columns | outcomes(rng, rows, start, end)


def predictions(rng, rows, start, end, is_changed):
    """Target, prediction, score, time and segment only."""
    return outcomes(rng, rows, start, end)


def numbers(rng, rows, start, end, is_changed):
    """20 numeric columns without nulls."""
    return {
        f"num_{index:02d}": rng.lognormal(size=rows) if index % 3 == 0 else rng.normal(size=rows)
        for index in range(20)
    }


KINDS = {"events": events, "predictions": predictions, "numbers": numbers}


def write(kind, rows, seed, path):
    """Writes `rows` rows, a row group at a time, the times of one group after those of the last."""
    rng = np.random.default_rng(seed)
    writer = None
    for first in range(0, rows, GROUP_ROWS):
        n_rows = min(GROUP_ROWS, rows - first)
        columns = KINDS[kind](rng, n_rows, first / rows, (first + n_rows) / rows, is_changed=seed == 1)
        table = pa.table(columns)
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=GROUP_ROWS)
    writer.close()


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])

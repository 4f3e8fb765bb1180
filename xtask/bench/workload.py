"""Writes the files that `bench.py` measures: `workload.py ROWS REFERENCE CURRENT`."""

import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CARDINALITIES = (5, 10, 20, 50, 100, 200, 500, 1_000, 5_000, 10_000)


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


def write(path, seed, rows, is_changed):
    """30 numeric and 10 categorical features, target, prediction, score, time and segment."""
    rng = np.random.default_rng(seed)
    columns = {f"num_{index:02d}": column(rng, index, rows, is_changed) for index in range(30)}
    columns |= {f"cat_{index:02d}": category(rng, index, rows, is_changed) for index in range(10)}
    score = rng.beta(2, 5, rows)
    columns["target"] = np.where(rng.random(rows) < score, "yes", "no")
    columns["prediction"] = np.where(score >= 0.4, "yes", "no")
    columns["score"] = score
    seconds = np.sort(rng.integers(0, 30 * 86_400, rows)) + 1_760_000_000
    columns["timestamp"] = pa.array(seconds * 1_000_000, type=pa.timestamp("us", "UTC"))
    columns["region"] = np.array(["north", "south", "east", "west", "centre"])[rng.integers(0, 5, rows)]
    pq.write_table(pa.table(columns), path, compression="zstd")


if __name__ == "__main__":
    for seed, path in enumerate(sys.argv[2:]):
        write(path, seed, int(sys.argv[1]), is_changed=seed == 1)

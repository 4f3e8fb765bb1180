"""Shared inputs of methods on whole rows and on series, and what their oracles see of them."""

import zlib

import numpy as np
import pandas as pd

NAN = float("nan")


def rng(name):
    """A generator of its own for each case, so that a new case moves no other."""
    return np.random.default_rng(zlib.crc32(f"rows/{name}".encode()))


def rounded(array, digits=3):
    return np.round(np.asarray(array, float), digits).tolist()


# --- anomalies -------------------------------------------------------------------------------------


def mixture(name, n, outliers=0, width=4):
    """Correlated columns of different scale and skewness, the last rows far from the others."""
    source = rng(name)
    mixing = np.eye(width) + 0.5 * np.tri(width, k=-1)
    rows = source.normal(0.0, 1.0, (n, width)) @ mixing.T * np.array([1.0, 10.0, 0.1, 3.0])[:width]
    rows[:, 0] = np.exp(rows[:, 0])
    if outliers:
        rows[-outliers:] += source.choice([-1.0, 1.0], (outliers, width)) * rows.std(axis=0) * 6
    return rounded(rows)


def row_cases():
    base = mixture("base", 300)
    one = [[row[1]] for row in base]
    dependent = [[*row, round(2 * row[1] - 1, 3)] for row in base]
    constant = [[row[0], 5.0, row[2]] for row in base]
    symmetric = [[float(x), float(-x)] for x in range(-20, 21)]
    whole = rng("whole").poisson(3.0, (200, 3)).astype(float).tolist()
    return {
        "same": (base, mixture("same", 60)),
        "outliers": (base, mixture("outliers", 80, 16)),
        "one_column": (one, [[row[1]] for row in mixture("one", 30, 3)]),
        "dependent_columns": (dependent, [[*row, round(2 * row[1] - 1, 3)] for row in mixture("dep", 30, 5)]),
        "constant_column": (constant, [[row[0], 5.0, row[2]] for row in mixture("const", 30, 5)]),
        "only_constants": ([[1.0, 2.0]] * 40, [[1.0, 2.0], [3.0, 2.0]]),
        "symmetric": (symmetric, [[0.0, 0.0], [3.0, -3.0], [25.0, 25.0], [-20.0, 20.0], [0.5, -7.0]]),
        "ties": (whole, rng("ties").poisson(4.0, (40, 3)).astype(float).tolist()),
        "large_offset": (
            [[x + 1e6 for x in row] for row in base],
            [[x + 1e6 for x in row] for row in mixture("offset", 30, 5)],
        ),
    }


def rhythm(name, n, period, amplitude, noise, trend=0.0):
    steps = np.arange(n)
    wave = amplitude * np.sin(2 * np.pi * steps / period) + 0.3 * amplitude * np.cos(4 * np.pi * steps / period)
    return 20 + trend * steps + wave + rng(name).normal(0.0, noise, n)


def series_cases():
    steps = np.arange(120)
    daily = rhythm("daily", 120, 24, 5.0, 0.5, 0.02)
    spikes = daily.copy()
    spikes[[13, 60, 61, 110]] += [6.0, -8.0, 7.0, 5.0]
    gaps = spikes.copy()
    gaps[[0, 1, 30, 31, 32, 90, 119]] = [NAN, NAN, NAN, float("inf"), NAN, NAN, NAN]
    weekly = rhythm("weekly", 680, 24, 4.0, 0.4) + 2 * np.sin(2 * np.pi * np.arange(680) / 168)
    levels = np.repeat([0.0, 4.0, 1.0, 1.0], 40) + rng("levels").normal(0.0, 1.0, 160)
    spread = rng("spread").normal(0.0, np.repeat([1.0, 5.0, 1.0], 60))
    return {
        "empty": [],
        "four_points": [1.0, 2.0, 3.0, 10.0],
        "five_points": [1.0, 2.0, 3.0, 4.0, 10.0],
        "constant": [3.0] * 60,
        "mostly_equal": [2.0] * 50 + [2.5, 9.0, 3.0, 8.5] + [2.0] * 20,
        "noise": rounded(rng("noise").normal(5.0, 2.0, 100)),
        "outliers": rounded(rng("outliers").normal(0.0, 1.0, 90)) + [7.0, -9.0, 0.0],
        "counts": rng("counts").poisson(4.0, 80).astype(float).tolist(),
        "daily": rounded(daily),
        "daily_with_spikes": rounded(spikes),
        "daily_with_gaps": rounded(gaps),
        "two_rhythms": rounded(weekly),
        "barely_four_periods": rounded(daily[:96]),
        "less_than_four_periods": rounded(daily[:95]),
        "levels": rounded(levels),
        "spread": rounded(spread),
        "step": [0.0, 0.1] * 20 + [1.0, 1.1] * 20,
        "ramp": rounded(0.05 * steps + rng("ramp").normal(0.0, 0.3, 120)),
        "large_scale": rounded(1e6 + 1e3 * levels, 0),
        "missing_only": [NAN] * 12,
    }


def anomaly_cases():
    cases = {
        f"rows_{name}": {"kind": "rows", "reference": reference, "current": current}
        for name, (reference, current) in row_cases().items()
    }
    for name, series in series_cases().items():
        cases[f"series_{name}"] = {"kind": "series", "series": series}
    return cases


def anomaly_names(case):
    if case["kind"] == "series":
        return {"series": list(case["series"])}
    return {side: np.array(case[side]) for side in ("reference", "current")}


def anomaly_answer(found):
    """Scores by point or row, and positions where the oracle tells them; None where there is no score."""
    answer = {}
    if "scores" in found:
        answer["scores"] = [float(score) if np.isfinite(score) else None for score in found["scores"]]
    if "positions" in found:
        answer["positions"] = [int(idx) for idx in found["positions"]]
    return answer


# --- multivariate tests ----------------------------------------------------------------------------


def table(name, n, shift=0.0, correlation=0.6, shares=(5, 3, 2), missing=0):
    """Three numbers, two of them correlated, and names; `missing` is the step of missing values."""
    source = rng(name)
    x = source.normal(shift, 1.0, n)
    y = correlation * x + np.sqrt(1 - correlation**2) * source.normal(0.0, 1.0, n)
    columns = {
        "x": rounded(x, 2),
        "y": rounded(10 + 5 * y, 1),
        "z": rounded(source.exponential(2.0, n), 2),
        "name": source.choice(["a", "b", "c"], n, p=np.array(shares) / sum(shares)).tolist(),
    }
    if missing:
        for offset, (column, values) in enumerate(columns.items()):
            values[offset::missing] = [None if column == "name" else NAN] * len(values[offset::missing])
    return columns


def multivariate_cases():
    base = table("base", 300)
    no_names = {name: values for name, values in base.items() if name != "name"}
    newcomers = table("new", 200)
    newcomers["name"] = ["d" if name == "c" else name for name in newcomers["name"]]
    infinite = table("infinite", 200)
    infinite["x"][::9] = [float("inf")] * len(infinite["x"][::9])
    cases = {
        "same": (base, table("same", 250)),
        "shifted": (base, table("shifted", 250, 1.0)),
        "correlation_flipped": (base, table("flipped", 300, 0.0, -0.6)),
        "other_shares": (base, table("shares", 200, 0.0, 0.6, (1, 3, 6))),
        "missing_values": (table("missing/a", 300, missing=11), table("missing/b", 250, 0.8, missing=5)),
        "new_name": (base, newcomers),
        "infinite_values": (base, infinite),
        "numbers_only": (no_names, {name: table("numbers", 250, 0.4)[name] for name in no_names}),
        "one_column": ({"x": base["x"]}, {"x": table("one", 150, 0.5)["x"]}),
        "constant_column": ({**base, "z": [1.0] * 300}, {**table("const", 200), "z": [1.0] * 200}),
        "only_constants": ({"x": [1.0] * 60, "name": ["a"] * 60}, {"x": [1.0] * 60, "name": ["a"] * 60}),
        "few_rows": (table("few/a", 40), table("few/b", 35)),
        "very_few_rows": (table("very/a", 12), table("very/b", 9)),
        "empty_current": (base, {name: [] for name in base}),
        "empty_reference": ({name: [] for name in base}, table("same", 250)),
    }
    return {name: {"reference": a, "current": b} for name, (a, b) in cases.items()}


# --- estimators on rows ----------------------------------------------------------------------------


def regression(name, n, shift=0.0, level=20.0, missing=0, with_names=False):
    """A model whose error grows with `x` and is larger for one of the names."""
    source = rng(name)
    x, y, z = source.normal(shift, 1.0, n), source.normal(0.0, 1.0, n), source.random(n)
    names = source.choice(["plain", "hard"], n, p=[0.8, 0.2])
    truth = level + 2 * x + y
    noise = np.exp(0.4 * x) * (1 + z) * np.where(with_names & (names == "hard"), 2.5, 1.0)
    columns = {"x": rounded(x, 2), "y": rounded(y, 2), "z": rounded(z, 2)}
    if with_names:
        columns["name"] = names.tolist()
    for offset, values in enumerate(columns.values()):
        if missing:
            values[offset::missing] = [NAN if isinstance(v, float) else None for v in values[offset::missing]]
    columns["y_pred"] = rounded(truth, 2)
    columns["y_true"] = rounded(truth + 0.7 * noise * source.normal(0.0, 1.0, n), 2)
    return columns


def regression_cases():
    base = regression("dle/base", 1000)
    zero = {**base, "y_true": [0.0, *base["y_true"][1:]], "y_pred": [0.05, *base["y_pred"][1:]]}
    cases = {
        "same": (base, regression("dle/same", 400)),
        "harder": (base, regression("dle/harder", 400, 0.5)),
        "easier": (base, regression("dle/easier", 400, -0.7)),
        "names_and_gaps": (
            regression("dle/names/a", 1000, missing=9, with_names=True),
            regression("dle/names/b", 300, missing=7, with_names=True),
        ),
        "negative_targets": (regression("dle/low/a", 800, level=0.0), regression("dle/low/b", 300, level=0.0)),
        "target_of_zero": (zero, regression("dle/zero", 200)),
        "few_rows": (regression("dle/few/a", 60), regression("dle/few/b", 60)),
        "empty_current": (base, {name: [] for name in base}),
        "empty_reference": ({name: [] for name in base}, base),
    }
    return {name: {"reference": a, "current": b} for name, (a, b) in cases.items()}


def frame(columns):
    """Names as a column of objects, everything else as floats."""

    def column(values):
        is_text = any(isinstance(value, str) for value in values)
        return pd.Series(values, dtype=object if is_text else float)

    return pd.DataFrame({name: column(values) for name, values in columns.items()})


def multivariate_names(case):
    return {side: frame(case[side]) for side in ("reference", "current")}

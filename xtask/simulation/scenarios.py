"""The samples that decision rules are judged on: each from a seed, each with the truth beside it.

Numbers are arrays of float64, categories arrays of int32, the rank of the category. Needs NumPy alone, so
that it runs in the environment of every peer.
"""

import math
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

REFERENCE_ROWS = 5_000
HOUR_ROWS = 100
REFERENCE_HOURS = 14 * 24
CURRENT_HOURS = 2 * 24


@dataclass(frozen=True)
class Column:
    """A column: how its values are made, and how they change in the current sample, if they do."""

    name: str
    kind: str
    change: str = ""


@dataclass(frozen=True)
class Scenario:
    """What is sampled. With `flow` the rows have an order in time and the windows are the hours of two days."""

    group: str
    about: str
    rows: int
    reference_rows: int
    columns: tuple
    flow: str = ""
    has_outcomes: bool = False

    @property
    def id(self):
        """Name of the scenario."""
        return f"{self.group}/{self.about}/{self.rows}"


@dataclass(frozen=True)
class Case:
    """A reference and windows to compare with it, each a dictionary of arrays.

    `changed` says for each window which columns have changed.
    """

    scenario: Scenario
    reference: dict
    windows: list
    changed: list


def zipf(size):
    """Shares of categories in proportion to 1/rank."""
    weights = 1 / np.arange(1, size + 1)
    return weights / weights.sum()


def shares_of(kind, change):
    """Shares of the categories of a kind, changed or not."""
    shares = zipf(int(kind.split()[0].replace(",", "")))
    if change == "5 points":
        shares[0] -= 0.05
        shares[-1] += 0.05
    elif change == "rotated":
        shares = np.roll(shares, 2)
    return shares


def latent(values, change):
    """Standard normal values after a change."""
    match change:
        case "":
            return values
        case "variance":
            return values * math.sqrt(1.3)
        case "spread":
            return values * 1.6
        case _:
            return values + float(change)


def shaped(kind, values):
    """Standard normal values as values of a kind of column; ranks of categories by quantiles."""
    if kind == "normal":
        return values
    if kind == "lognormal":
        return np.exp(values)
    if kind == "ties":
        return np.round(2 * values)
    bounds = np.cumsum(shares_of(kind, ""))[:-1]
    return np.searchsorted(normal_quantiles(bounds), values).astype(np.int32)


def normal_quantiles(bounds):
    """The values at which the distribution function of a standard normal has these values."""
    return np.array([NormalDist().inv_cdf(bound) for bound in bounds])


def drawn(rng, column, rows, is_changed):
    """Independent values of a column."""
    change = column.change if is_changed else ""
    if "categories" in column.kind:
        bounds = np.cumsum(shares_of(column.kind, change))[:-1]
        return np.searchsorted(bounds, rng.random(rows), side="right").astype(np.int32)
    return shaped(column.kind, latent(rng.standard_normal(rows), change))


def sample(rng, scenario, rows, is_changed):
    """Independent rows."""
    columns = {column.name: drawn(rng, column, rows, is_changed) for column in scenario.columns}
    if scenario.has_outcomes:
        score = rng.beta(2, 5, rows)
        columns["score"] = score
        columns["target"] = (rng.random(rows) < score).astype(np.int32)
        columns["prediction"] = (score >= 0.4).astype(np.int32)
        columns["region"] = rng.integers(0, 5, rows).astype(np.int32)
    return columns


def autoregression(rng, shape, weight):
    """Standard normal values along the first axis, correlated with the one before by `weight`."""
    values = rng.standard_normal(shape)
    spread = math.sqrt(1 - weight * weight)
    for row in range(1, shape[0]):
        values[row] = weight * values[row - 1] + spread * values[row]
    return values


def flowing(rng, scenario):
    """Rows in the order of time, with what the flow of the scenario has; a change comes with the second day."""
    hours = REFERENCE_HOURS + CURRENT_HOURS
    shape = (hours * HOUR_ROWS, len(scenario.columns))
    values = autoregression(rng, shape, 0.9) if "rows" in scenario.flow else rng.standard_normal(shape)
    hour = np.arange(shape[0]) // HOUR_ROWS
    if "level" in scenario.flow:
        values += 0.3 * autoregression(rng, (hours, shape[1]), 0.9)[hour]
    if "rhythm" in scenario.flow:
        values += 0.5 * np.sin(2 * math.pi * hour / 24)[:, None]
    is_changed = hour >= REFERENCE_HOURS + 24
    for position, column in enumerate(scenario.columns):
        values[is_changed, position] = latent(values[is_changed, position], column.change)
    return {column.name: shaped(column.kind, values[:, position]) for position, column in enumerate(scenario.columns)}


def make(scenario, seed, n_windows):
    """The case of a seed; a flow has its own number of windows."""
    rng = np.random.default_rng([seed, *scenario.id.encode()])
    changing = {column.name for column in scenario.columns if column.change}
    if not scenario.flow:
        reference = sample(rng, scenario, scenario.reference_rows, is_changed=False)
        windows = [sample(rng, scenario, scenario.rows, is_changed=True) for _ in range(n_windows)]
        return Case(scenario, reference, windows, [changing] * n_windows)
    values = flowing(rng, scenario)
    bounds = range(REFERENCE_HOURS * HOUR_ROWS, (REFERENCE_HOURS + CURRENT_HOURS) * HOUR_ROWS, HOUR_ROWS)
    windows = [{name: of[start : start + HOUR_ROWS] for name, of in values.items()} for start in bounds]
    reference = {name: of[: bounds[0]] for name, of in values.items()}
    return Case(scenario, reference, windows, [set()] * 24 + [changing] * (CURRENT_HOURS - 24))


COUNTS = {"normal": 8, "lognormal": 8, "ties": 6, "2 categories": 5, "10 categories": 5, "100 categories": 4,
          "1,000 categories": 4}


def together(changes=()):
    """40 columns of all kinds; `changes` are (kind, change), each for the next column of the kind."""
    columns = [Column(f"{kind} {index}", kind) for kind, count in COUNTS.items() for index in range(count)]
    for kind, change in changes:
        position = next(at for at, column in enumerate(columns) if column.kind == kind and not column.change)
        columns[position] = replace(columns[position], change=change)
    return tuple(columns)


def reference_rows(rows):
    """Rows of the reference: at least ten windows of this size."""
    return max(REFERENCE_ROWS, 10 * rows)


CHANGES = {
    "mean + 0.1 σ": [("normal", "0.1")] * 5,
    "mean + 0.3 σ": [("normal", "0.3")] * 5,
    "variance × 1.3": [("normal", "variance")] * 5,
    "5 points of share": [("10 categories", "5 points")] * 5,
    "five kinds of change": [("normal", "0.5"), ("normal", "spread"), ("lognormal", "0.5"),
                             ("10 categories", "rotated"), ("100 categories", "rotated")],
}
FLOW_COLUMNS = tuple(
    Column(f"{kind} {index}", kind)
    for kind, count in (("normal", 4), ("lognormal", 2), ("10 categories", 2)) for index in range(count)
)
FLOWS = {
    "independent rows": "even",
    "rows correlated by 0.9": "rows",
    "level of the hour correlated by 0.9": "level",
    "daily rhythm": "rhythm",
    "all three": "rows level rhythm",
}


def scenarios():
    """All of them, by id."""
    made = []
    for rows in (30, 100, 300, 1_000, 10_000):
        made.append(Scenario("unchanged", "40 columns", rows, reference_rows(rows), together()))
    for rows in (30, 100, 300, 1_000):
        made.append(Scenario("short reference", "40 columns", rows, rows, together()))
    for kind in COUNTS:
        for rows in (30, 100, 300, 1_000):
            made.append(Scenario("alone", kind, rows, reference_rows(rows), (Column("x", kind),)))
    for rows in (30, 100, 300, 1_000, 10_000):
        columns = (Column("x", "normal"), Column("y", "10 categories"))
        made.append(Scenario("outcomes", "binary", rows, reference_rows(rows), columns, has_outcomes=True))
    for about, changes in CHANGES.items():
        for rows in (300, 1_000, 10_000):
            made.append(Scenario("changed", about, rows, reference_rows(rows), together(changes)))
    for about, flow in FLOWS.items():
        made.append(Scenario("flow", about, HOUR_ROWS, REFERENCE_HOURS * HOUR_ROWS, FLOW_COLUMNS, flow))
    jumps = tuple(replace(column, change="1.0") if column.name.endswith(" 0") else column for column in FLOW_COLUMNS)
    for about in ("independent rows", "all three"):
        made.append(Scenario("jump", about, HOUR_ROWS, REFERENCE_HOURS * HOUR_ROWS, jumps, FLOWS[about]))
    return {scenario.id: scenario for scenario in made}

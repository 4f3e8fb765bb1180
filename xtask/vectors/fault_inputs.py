"""Shared inputs of quality checks besides those of drift tests."""

import numpy as np
from draws import INF, numbers, rng, with_every


def instants(name, n, start="2025-01-01", days=60.0):
    """Microseconds since 1970, at whole seconds."""
    first = int(np.datetime64(start, "us").astype(int))
    return [first + int(second) * 1_000_000 for second in rng(name).integers(0, days * 86400, n)]


def timestamp_cases():
    year = 31_556_952_000_000
    base, small = instants("time/base", 200), instants("time/small", 30)
    next_month = instants("time/next", 120, "2025-03-02", 30.0)
    return {
        "timestamp_empty_reference": ([], small),
        "timestamp_empty_current": (small, []),
        "timestamp_all_null_current": (small, [None] * 30),
        "timestamp_next_month": (base, next_month),
        "timestamp_some_nulls": (with_every(base, 5, None), with_every(next_month, 7, None)),
        "timestamp_epoch_zero": (base, with_every(next_month, 4, 0)),
        "timestamp_seconds_as_milliseconds": (base, [v // 1000 for v in next_month]),
        "timestamp_milliseconds_as_seconds": (base, [v * 1000 for v in next_month]),
        "timestamp_before_1970": (base, with_every(next_month, 6, -1, -40 * year)),
        "timestamp_end_of_time": (base, with_every(next_month, 9, 253_402_214_400_000_000)),
        "timestamp_fifteen_years_ahead": (
            base,
            with_every(next_month, 9, next_month[0] + 15 * year),
        ),
        "timestamp_birthdays": (
            instants("time/birth/a", 150, "1950-01-01", 20000.0),
            instants("time/birth/b", 90, "1950-01-01", 20000.0),
        ),
        "timestamp_beyond_the_calendar": (
            [v + 300 * year for v in base],
            [v + 301 * year for v in base],
        ),
        "timestamp_dates": (
            [v // 86_400_000_000 * 86_400_000_000 for v in base],
            [v // 86_400_000_000 * 86_400_000_000 for v in next_month],
        ),
        "timestamp_time_lost": (base, [v // 3_600_000_000 * 3_600_000_000 for v in next_month]),
    }


def numeric_cases():
    amounts = numbers(rng("fault/amounts/a").lognormal(3.0, 0.6, 400), 2)
    others = rng("fault/amounts/b").lognormal(3.0, 0.6, 300)
    cold = numbers(rng("fault/cold/a").normal(12.0, 7.0, 400), 1)
    cold_later = np.round(rng("fault/cold/b").normal(12.0, 7.0, 300), 1)
    return {
        "numeric_times_1000": (amounts, numbers(others * 1000, 1)),
        "numeric_divided_by_100": (amounts, numbers(others / 100)),
        "numeric_miles_to_kilometres": (amounts, numbers(others * 1.609344, 2)),
        "numeric_times_4": (amounts, numbers(others * 4, 2)),
        "numeric_times_9": (amounts, numbers(others * 9, 2)),
        "numeric_change_of_sign": (amounts, numbers(-others, 2)),
        "numeric_celsius_to_fahrenheit": (cold, numbers(cold_later * 1.8 + 32, 2)),
        "numeric_kelvin_to_celsius": (numbers(np.array(cold) + 273.15, 2), numbers(cold_later, 1)),
        "numeric_few_times_1000": (amounts[:25], numbers(others[:20] * 1000, 1)),
        "numeric_infinities_appear": (amounts, with_every(numbers(others, 2), 10, INF, -INF)),
        "numeric_infinities_stay": (
            with_every(amounts, 10, INF),
            with_every(numbers(others, 2), 10, INF, None),
        ),
    }


def fault_cases():
    """Samples of a column, each with a fault that is no business of drift tests."""
    cases = {}
    groups = [("timestamp", timestamp_cases()), ("numeric", numeric_cases())]
    for kind, group in groups:
        for name, (reference, current) in group.items():
            cases[name] = {
                "kind": kind,
                "current_kind": kind,
                "reference": reference,
                "current": current,
            }
    mismatches = {
        "mismatch_words_among_numbers": (
            "numeric",
            "categorical",
            [1.5, 2.0, 3.25] * 10,
            ["1.5", " 2e1", "n/a", "3", "-", "inf", ""] * 5,
        ),
        "mismatch_numbers_in_quotes": (
            "numeric",
            "categorical",
            [1.0, 2.0] * 10,
            ["1", "2", None] * 9,
        ),
        "mismatch_flags_as_numbers": ("boolean", "numeric", [True, False] * 9, [0.0, 1.0, 2.0] * 7),
        "mismatch_flags_as_words": (
            "boolean",
            "categorical",
            [True, False] * 9,
            ["True", "no"] * 7,
        ),
        "mismatch_numbers_as_flags": ("numeric", "boolean", [3.0, 4.0] * 9, [True, False] * 7),
    }
    for name, (kind, current_kind, reference, current) in mismatches.items():
        cases[name] = {
            "kind": kind,
            "current_kind": current_kind,
            "reference": reference,
            "current": current,
        }
    return cases

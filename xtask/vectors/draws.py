"""Seeded draws, rounded so that they can be stored in full and read back to the bit."""

import zlib

import numpy as np

NAN = float("nan")
INF = float("inf")


def rng(name):
    """A generator of its own for each case, so that a new case moves no other."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def numbers(array, digits=4):
    return [float(value) for value in np.round(np.asarray(array, float), digits)]


def normal(name, n, mean=0.0, deviation=1.0, digits=4):
    return numbers(rng(name).normal(mean, deviation, n), digits)


def draw(name, names, weights, n):
    weights = np.asarray(weights, float)
    return [str(word) for word in rng(name).choice(names, n, p=weights / weights.sum())]


def with_every(values, step, *specials):
    """The values with each `step`-th replaced by the next of `specials`."""
    values = list(values)
    for turn, idx in enumerate(range(0, len(values), step)):
        values[idx] = specials[turn % len(specials)]
    return values

"""Laws of two-sample statistics when every assignment of the rows to the samples is equally likely."""

import itertools
import math
import types

import numpy as np
import scipy.stats


def term_matrix(terms, weights):
    """The matrix of a weighted sum of squared sums; `terms` has a row a term and a column a row of data."""
    terms = np.asarray(terms, float)
    return (terms.T * np.asarray(weights, float)) @ terms


def quadratic_form(matrix, n):
    """The statistic z'Az, where the labels z are 1 for the first n rows and else 0, centred and scaled to
    length one: its value, its exact mean and variance, and a law of three moments.

    The variance is the fourth moment of the labels over all patterns of equal indices.
    """
    total = len(matrix)
    centred = matrix - matrix.mean(0) - matrix.mean(1)[:, None] + matrix.mean()
    z = np.repeat([1.0, 0.0], [n, total - n])
    z = (z - z.mean()) / np.linalg.norm(z - z.mean())
    t, f, d = np.trace(centred), (centred**2).sum(), (np.diag(centred) ** 2).sum()
    cube = (centred * (centred @ centred)).sum()
    fourth = (z**4).sum()
    pairs = total * (total - 1)
    second = (
        d * fourth / total
        + (t * t - d + 2 * (f - d)) * (1 - fourth) / pairs
        + 4 * d * fourth / pairs
    )
    if total > 2:
        triples = pairs * (total - 2)
        second += (2 * (2 * d - t * t) + 4 * (2 * d - f)) * (2 * fourth - 1) / triples
    if total > 3:
        second += (t * t + 2 * f - 6 * d) * (3 - 6 * fourth) / (triples * (total - 3))
    mean = t / (total - 1)
    variance = second - mean**2

    def sf(statistic):
        if variance <= 1e-12 * mean**2:
            return 1.0
        df = f**3 / cube**2
        deviations = (statistic - mean) / math.sqrt(variance)
        return scipy.stats.chi2.sf(df + deviations * math.sqrt(2 * df), df)

    return types.SimpleNamespace(
        statistic=z @ centred @ z, mean=mean, variance=variance, sf=sf
    )


def exact_sf(statistic, x, y):
    """Share of the assignments whose statistic is as large as that of `x` and `y`."""
    rows, n = np.append(x, y), len(x)
    if math.comb(len(rows), n) > 100_000:
        raise NotImplementedError
    observed = statistic(x, y) * (1 - 1e-12)
    choices = [np.isin(np.arange(len(rows)), c) for c in itertools.combinations(range(len(rows)), n)]
    return np.mean([statistic(rows[c], rows[~c]) >= observed for c in choices])

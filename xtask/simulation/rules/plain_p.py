"""p < 0.05 for each column: Kolmogorov and Smirnov's test of numbers, chi-squared of categories."""

import numpy as np
from scipy import stats

from rules import Verdict, is_numeric


def judge(case, programs, folder):
    """A verdict for each window."""
    return [
        Verdict({name for name, values in window.items() if p_value(case.reference[name], values) < 0.05})
        for window in case.windows
    ]


def p_value(reference, current):
    """Asymptotic, as is usual for large samples."""
    if is_numeric(reference):
        return stats.ks_2samp(reference, current, method="asymp").pvalue
    size = max(reference.max(), current.max()) + 1
    counts = np.array([np.bincount(values, minlength=size) for values in (reference, current)])
    counts = counts[:, counts.sum(axis=0) > 0]
    return stats.chi2_contingency(counts, correction=False).pvalue if counts.shape[1] > 1 else 1.0

"""Decision rules, one a file: `judge(case, programs, folder)` gives a `Verdict` for each window of a case."""

from dataclasses import dataclass, field

import numpy as np

NAMES = np.array([f"v{code:04d}" for code in range(1_000)], dtype=object)


@dataclass
class Verdict:
    """What a rule says of a window: columns that it flags, columns on which it says nothing, other findings.

    `p_values` has those of unchanged columns, by test, where the rule tells them.
    """

    flagged: set
    undecided: set = field(default_factory=set)
    others: list = field(default_factory=list)
    p_values: list = field(default_factory=list)


def is_numeric(values):
    """Whether a column holds numbers; the others hold ranks of categories."""
    return values.dtype == np.float64


def texts(values):
    """Categories by name."""
    return NAMES[values]

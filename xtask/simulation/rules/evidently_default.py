"""Evidently's defaults for the drift of a column: the test by kind and by rows of the reference."""

import warnings

import pandas as pd
from evidently.legacy.calculations.stattests import get_stattest
from evidently.legacy.core import ColumnType

from rules import Verdict, is_numeric, texts

warnings.simplefilter("ignore")


def judge(case, programs, folder):
    """A verdict for each window."""
    reference = {name: series(values) for name, values in case.reference.items()}
    return [
        Verdict({name for name, values in window.items() if has_drift(reference[name], series(values))})
        for window in case.windows
    ]


def series(values):
    """A column as Evidently takes it."""
    return pd.Series(values if is_numeric(values) else texts(values))


def has_drift(reference, current):
    """What `ValueDrift` computes, without its pictures."""
    kind = ColumnType.Categorical if reference.dtype == object else ColumnType.Numerical
    return bool(get_stattest(reference, current, kind, None)(reference, current, kind, None).drifted)

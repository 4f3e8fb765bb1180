"""whylogs' defaults for the drift between profiles: `DRIFT`, not `POSSIBLE_DRIFT`."""

import logging
import warnings

import pandas as pd
import whylogs
from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores

from rules import Verdict, is_numeric, texts

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)


def judge(case, programs, folder):
    """A verdict for each window."""
    reference = profile(case.reference)
    scores = (calculate_drift_scores(profile(window), reference, with_thresholds=True) for window in case.windows)
    return [verdict(of) for of in scores]


def profile(columns):
    """The profile of a sample."""
    table = pd.DataFrame({name: of if is_numeric(of) else texts(of) for name, of in columns.items()})
    return whylogs.log(table).view()


def verdict(scores):
    """Columns by category of drift; some have none."""
    return Verdict(
        {name for name, score in scores.items() if score and score["drift_category"] == "DRIFT"},
        {name for name, score in scores.items() if not score},
    )

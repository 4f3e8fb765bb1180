"""NannyML's defaults for univariate drift: Jensen-Shannon distance beyond three standard deviations of the
distances of the reference's own windows.

The windows have the rows of the current one. A reference that holds fewer than ten of them is cut in ten,
as is every sample then, which is the default where nothing is said.
"""

import logging
import warnings

import nannyml
import pandas as pd

from rules import Verdict, is_numeric, texts

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)


def judge(case, programs, folder):
    """A verdict for each window."""
    rows = case.scenario.rows
    has_windows = case.scenario.reference_rows >= 10 * rows
    calculator = nannyml.UnivariateDriftCalculator(list(case.reference), chunk_size=rows if has_windows else None)
    calculator.fit(frame(case.reference))
    if has_windows:
        together = pd.concat([frame(window) for window in case.windows], ignore_index=True)
        alerts = alerts_of(calculator.calculate(together), case)
        return [Verdict({name for name in alerts if alerts[name][at]}) for at in range(len(case.windows))]
    alerts = [alerts_of(calculator.calculate(frame(window)), case) for window in case.windows]
    return [Verdict({name for name, of in window.items() if of.any()}) for window in alerts]


def frame(columns):
    """Columns as NannyML takes them."""
    return pd.DataFrame({name: of if is_numeric(of) else texts(of) for name, of in columns.items()})


def alerts_of(results, case):
    """For each column, whether each of the current windows has an alert."""
    table = results.filter(period="analysis").to_df()
    return {name: table[name, "jensen_shannon", "alert"].to_numpy(dtype=bool) for name in case.reference}

"""NannyML's univariate drift and realised performance: `nannyml_run.py REFERENCE CURRENT [all]`.

With `all`, drift is computed by every method that `keepwell check` reports too, not by the default one alone.
"""

import json
import sys

import nannyml
import pandas as pd


METHODS = {
    "continuous_methods": ["kolmogorov_smirnov", "jensen_shannon", "wasserstein"],
    "categorical_methods": ["chi2", "jensen_shannon"],
}


def main(reference_path, current_path, methods="default"):
    """Runs both calculators and prints the columns with an alert in any window."""
    reference, current = (frame(path) for path in (reference_path, current_path))
    features = [name for name in reference if name.startswith(("num_", "cat_"))]
    chosen = METHODS if methods == "all" else {}
    drift = nannyml.UnivariateDriftCalculator(features, timestamp_column_name="timestamp", **chosen)
    drifts = drift.fit(reference).calculate(current).filter(period="analysis").to_df()
    performance = nannyml.PerformanceCalculator(
        metrics=["accuracy", "precision", "recall", "f1", "roc_auc"],
        y_true="target",
        y_pred="prediction",
        y_pred_proba="score",
        problem_type="classification_binary",
        timestamp_column_name="timestamp",
    )
    performance.fit(reference).calculate(current).to_df()
    print(json.dumps(sorted(name for name in features if has_alert(drifts[name]))))


def frame(path):
    """The events with targets and decisions as 0 and 1, which is what the metrics take."""
    events = pd.read_parquet(path)
    for name in ("target", "prediction"):
        events[name] = (events[name] == "yes").astype(int)
    return events


def has_alert(results):
    """Whether any window of any method of a column has an alert."""
    return any(results[method, "alert"].any() for method in {method for method, _ in results.columns})


if __name__ == "__main__":
    main(*sys.argv[1:])

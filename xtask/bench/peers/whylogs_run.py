"""whylogs' profiles, classification metrics and drift report: `whylogs_run.py REFERENCE CURRENT`."""

import json
import sys

import pandas as pd
import whylogs
from whylogs.viz import NotebookProfileVisualizer
from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores


def main(reference_path, current_path):
    """Profiles both files, makes the report and prints the columns that it calls drifted."""
    reference, current = (profile(path) for path in (reference_path, current_path))
    report = NotebookProfileVisualizer()
    report.set_profiles(target_profile_view=current, reference_profile_view=reference)
    report.summary_drift_report()
    scores = calculate_drift_scores(current, reference, with_thresholds=True)
    print(json.dumps(sorted(
        name for name, score in scores.items()
        if name.startswith(("num_", "cat_")) and score and score["drift_category"] == "DRIFT"
    )))


def profile(path):
    """The profile of the features and of the binary classification in a file."""
    events = pd.read_parquet(path)
    features = [name for name in events if name.startswith(("num_", "cat_"))]
    results = whylogs.log_classification_metrics(
        events, target_column="target", prediction_column="prediction", score_column="score"
    )
    view = whylogs.log(events[features]).view()
    return view.merge(results.view())


if __name__ == "__main__":
    main(*sys.argv[1:])

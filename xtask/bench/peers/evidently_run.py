"""Evidently's drift, summary and classification presets: `evidently_run.py REFERENCE CURRENT`."""

import json
import sys

import pandas as pd
from evidently import BinaryClassification, DataDefinition, Dataset, Report
from evidently.presets import ClassificationPreset, DataDriftPreset, DataSummaryPreset


def main(reference_path, current_path):
    """Runs the report and prints the columns that it calls drifted."""
    frames = [pd.read_parquet(path) for path in (reference_path, current_path)]
    numeric = [name for name in frames[0] if name.startswith("num_")]
    categorical = [name for name in frames[0] if name.startswith("cat_")]
    task = BinaryClassification(
        target="target", prediction_labels="prediction", prediction_probas="score", pos_label="yes"
    )
    definition = DataDefinition(
        numerical_columns=[*numeric, "score"],
        categorical_columns=[*categorical, "target", "prediction"],
        classification=[task],
    )
    reference, current = (Dataset.from_pandas(frame, data_definition=definition) for frame in frames)
    features = numeric + categorical
    report = Report([DataDriftPreset(columns=features), DataSummaryPreset(), ClassificationPreset()])
    result = report.run(current, reference).dict()
    print(json.dumps(sorted(drifted(result))))


def drifted(result):
    """Names of the columns whose drift value is on the wrong side of its threshold."""
    for metric in result["metrics"]:
        config = metric["config"]
        if not config["type"].endswith("ValueDrift"):
            continue
        # Only a p-value is worse when it is smaller.
        is_p_value = "p_value" in config["method"]
        value, threshold = metric["value"], config["threshold"]
        if (value < threshold) if is_p_value else (value >= threshold):
            yield config["column"]


if __name__ == "__main__":
    main(*sys.argv[1:])

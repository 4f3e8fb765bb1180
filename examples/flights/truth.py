"""Makes truth.json: what pandas, scikit-learn and SciPy say about flights.parquet, window by window.

It reads nothing but the file that Keepwell reads too, so that the two can be compared.
A value that is not defined (no targets, one class, nothing predicted "yes") is null.
"""

import hashlib
import json
import platform
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import scipy
import sklearn
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, ks_2samp, wasserstein_distance
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    log_loss,
    precision_score,
    recall_score,
    roc_auc_score,
)

FILE = Path(__file__).with_name("flights.parquet")
REFERENCE_UNTIL = pd.Timestamp("2013-06-01T00:00:00Z")
METRICS = ["tn", "fp", "fn", "tp", "accuracy", "precision", "recall", "f1", "roc_auc", "log_loss"]
SEGMENTS = ["origin", "carrier"]
NOT_FEATURES = ["prediction_id", "timestamp", "model_version", "prediction", "score", "late", "target_at"]


def defined(value):
    """Returns a plain number, or None for the NaN that scikit-learn gives where nothing is defined."""
    return None if np.isnan(value) else float(value)


def metrics(rows):
    """Returns the metrics of some rows; a row without a target counts in `rows` only."""
    known = rows[rows["late"].notna()]
    out = {"rows": len(rows), "targets": len(known)}
    if known.empty:  # scikit-learn refuses an empty input
        return out | dict.fromkeys(METRICS)
    late, predicted, score = known["late"] == "yes", known["prediction"] == "yes", known["score"]
    counts = confusion_matrix(late, predicted, labels=[False, True]).ravel()
    return (
        out
        | {name: int(n) for name, n in zip(["tn", "fp", "fn", "tp"], counts, strict=True)}
        | {
            "accuracy": float(accuracy_score(late, predicted)),
            "precision": defined(precision_score(late, predicted, zero_division=np.nan)),
            "recall": defined(recall_score(late, predicted, zero_division=np.nan)),
            "f1": defined(f1_score(late, predicted, zero_division=np.nan)),
            "roc_auc": float(roc_auc_score(late, score)) if late.nunique() == 2 else None,
            "log_loss": float(log_loss(late, score, labels=[False, True])),
        }
    )


def all_metrics(rows):
    """Returns the metrics of all rows, of each version, and of each value of each segment column."""
    out = [{"version": None, "segment": None} | metrics(rows)]
    for version, part in rows.groupby("model_version"):
        out.append({"version": version, "segment": None} | metrics(part))
    for column in SEGMENTS:
        for value, part in rows.groupby(column):
            out.append({"version": None, "segment": f"{column}={value}"} | metrics(part))
    return out


def numeric_drift(reference, current):
    ks = ks_2samp(reference, current, method="auto")
    return {
        "ks": float(ks.statistic),
        "ks_p_value": float(ks.pvalue),
        "wasserstein": float(wasserstein_distance(reference, current)),
    }


def categorical_drift(reference, current):
    """Compares over the categories of either side; a category absent from one side counts zero there."""
    counts = pd.DataFrame({"reference": reference.value_counts(), "current": current.value_counts()}).fillna(0)
    chi2 = chi2_contingency(counts.T.to_numpy(), correction=False)
    return {
        "chi_squared": float(chi2.statistic),
        "chi_squared_p_value": float(chi2.pvalue),
        "degrees_of_freedom": int(chi2.dof),
        "jensen_shannon_distance": float(jensenshannon(counts["reference"], counts["current"], base=2)),
    }


def drift(reference, current):
    """Returns, for the score and each feature, the distance of the non-null values and the null shares."""
    out = []
    for column in ["score", *(c for c in current if c not in NOT_FEATURES)]:
        before, now = reference[column], current[column]
        is_numeric = pd.api.types.is_numeric_dtype(before) and not pd.api.types.is_bool_dtype(before)
        entry = {
            "column": column,
            "kind": "numeric" if is_numeric else "categorical",
            "reference_null_ratio": float(before.isna().mean()),
            "null_ratio": float(now.isna().mean()),
            "values": int(now.notna().sum()),
        }
        if entry["values"]:
            compare = numeric_drift if is_numeric else categorical_drift
            entry |= compare(before.dropna(), now.dropna())
        out.append(entry)
    return out


def window(name, rows, reference=None):
    out = {
        "window": name,
        "first": rows["timestamp"].min().isoformat(),
        "last": rows["timestamp"].max().isoformat(),
        "metrics": all_metrics(rows),
    }
    if reference is not None:
        out["drift"] = drift(reference, rows)
    return out


def print_story(log):
    """Prints one line a month, with the weather that explains part of it."""
    names = ["month", "version", "rows", "targets", "late", "said late"]
    names += ["accuracy", "precision", "recall", "F1", "ROC AUC", "rain", "low visibility"]
    print("| " + " | ".join(names) + " |")
    for month, rows in log.groupby(log["timestamp"].dt.strftime("%Y-%m")):
        m, known = metrics(rows), rows[rows["late"].notna()]
        cells = [month, rows["model_version"].max(), f"{m['rows']}", f"{m['targets']}"]
        shares = [(known["late"] == "yes").mean(), (known["prediction"] == "yes").mean()]
        shares += [m[name] for name in ["accuracy", "precision", "recall", "f1", "roc_auc"]]
        # Of the weather reports that exist: a comparison with null would count as "no rain".
        shares += [(rows["precip"].dropna() > 0).mean(), (rows["visib"].dropna() < 3).mean()]
        cells += ["–" if share is None or np.isnan(share) else f"{share:.3f}" for share in shares]
        print("| " + " | ".join(cells) + " |")


def main():
    log = pd.read_parquet(FILE)
    is_reference = log["timestamp"] < REFERENCE_UNTIL
    reference, later = log[is_reference], log[~is_reference]
    months = later.groupby(later["timestamp"].dt.strftime("%Y-%m"))
    truth = {
        "made": {
            "date": date.today().isoformat(),
            "python": platform.python_version(),
            "numpy": np.__version__,
            "pandas": pd.__version__,
            "scikit-learn": sklearn.__version__,
            "scipy": scipy.__version__,
            "file": FILE.name,
            "file_sha256": hashlib.sha256(FILE.read_bytes()).hexdigest(),
        },
        "positive": "yes",
        "reference_until": REFERENCE_UNTIL.isoformat(),
        "reference": window("reference", reference),
        "windows": [window(month, rows, reference) for month, rows in months],
    }
    path = Path(__file__).with_name("truth.json")
    text = json.dumps(truth, allow_nan=False, separators=(",", ":"))
    # One entry a line, so that a difference between two runs can be read.
    for key in ["version", "column"]:
        text = text.replace(f'{{"{key}":', f'\n{{"{key}":')
    path.write_text(text + "\n")
    print_story(log)
    print(f"{path.name}: {len(truth['windows'])} windows, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()

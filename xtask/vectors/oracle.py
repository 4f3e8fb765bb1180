"""Evaluates the reference computation of each catalog entry on the shared inputs of its family.

    oracle.py CATALOG OUT_DIR [FAMILY]

CATALOG is a JSON file with each family's entries: id, oracle (Python, its last expression is the
answer), kinds of columns, and the sets of parameters to run. OUT_DIR receives one file a family. A
file changes only if a result, an input or a version does, so its date tells when that was.
"""

import ast
import contextlib
import datetime
import importlib.metadata
import json
import math
import os
import platform
import sys
import types
import warnings
from collections import Counter

warnings.filterwarnings("ignore")
os.environ.setdefault("NML_DISABLE_USAGE_LOGGING", "1")
# The inputs are small: threads would mostly wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import decisions
import fairlearn.metrics
import fairness
import inputs
import labels
import nannyml
import numpy as np
import pandas as pd
import pyod.models.ecod
import rankings
import river
import river.drift
import river.drift.binary
import row_inputs
import ruptures
import scipy
import scipy.optimize
import scipy.spatial.distance
import scipy.special
import scipy.stats
import sklearn
import sklearn.calibration
import sklearn.covariance
import sklearn.decomposition
import sklearn.ensemble
import sklearn.isotonic
import sklearn.metrics
import sklearn.model_selection
import sklearn.preprocessing
import statsmodels.tsa.seasonal
import statsmodels
import statsmodels.stats.multitest
import text_inputs

PACKAGES = [
    "fairlearn",
    "numpy",
    "scipy",
    "scikit-learn",
    "river",
    "nannyml",
    "pandas",
    "statsmodels",
    "pyod",
    "ruptures",
    "jiwer",
    "pycocotools",
    "rouge_score",
    "sacrebleu",
]

# These mean that the oracle is wrong, not that its answer is undefined.
MISTAKES = (NameError, SyntaxError, ImportError)


class OracleError(Exception):
    """A reference computation that is wrong in itself."""


def finite(values):
    if any(isinstance(v, bool) for v in values):
        raise TypeError("must be real number, not bool")
    return np.array([v for v in values if v is not None and math.isfinite(v)], float)


def present(values):
    return [v for v in values if v is not None and not (isinstance(v, float) and math.isnan(v))]


def tables(reference, current):
    reference, current = present(reference), present(current)
    if len({type(value) for value in reference + current}) > 1:
        raise TypeError("kinds differ")
    names = sorted(set(reference) | set(current))
    counts = [Counter(sample) for sample in (reference, current)]
    return tuple(np.array([count[name] for name in names], float) for count in counts)


def cells(reference, current, params):
    """Counts of both samples by category, or in bins that the reference defines; empty ones left out."""
    assert present(reference) and present(current)
    if isinstance(present(reference)[0], (str, bool)):
        return tables(reference, current)
    x, y = np.sort(finite(reference)), np.sort(finite(current))
    assert len(x) and len(y)
    bins, n = params["n_bins"], len(x)
    if params["binning"] == "quantile":
        uppers = [x[-(-i * n // bins) - 1] for i in range(1, bins + 1)]
    else:
        uppers = [
            min(max(x[0] * (1 - i / bins) + x[-1] * (i / bins), x[0]), x[-1])
            for i in range(1, bins + 1)
        ]
        uppers[-1] = x[-1]
    uppers = np.unique(uppers)

    def count(values):
        ranks = [
            np.searchsorted(values, x[0], "left"),
            *np.searchsorted(values, uppers, "right"),
            len(values),
        ]
        return np.diff([0, *ranks])

    r, c = count(x), count(y)
    return r[r + c > 0], c[r + c > 0]


def smoothed(counts, params):
    """Shares above zero by the rule `empty_bin`; they need not sum to one."""
    if params["empty_bin"] == "floor":
        return np.maximum(counts / counts.sum(), params["floor"])
    return (counts + params["pseudo_count"]) / (counts + params["pseudo_count"]).sum()


def outcome_names(case, needs_target=True):
    """What an oracle sees of the rows that have a prediction and, where needed, a target."""
    rows = [
        i
        for i, (target, prediction) in enumerate(zip(case["target"], case["prediction"]))
        if prediction is not None and (target is not None or not needs_target)
    ]
    seen = {c for i in rows for c in (case["target"][i], case["prediction"][i])} - {None}
    score = case["score"]
    return {
        "y_true": [case["target"][i] for i in rows],
        "y_pred": [case["prediction"][i] for i in rows],
        "y_score": None if score is None else np.array([score[i] for i in rows], float),
        "classes": sorted(seen | set(case["scored_classes"]) | ({case["positive"]} - {None})),
        "positive": case["positive"],
    }


def value_names(case):
    """The rows with a finite target and a finite prediction."""
    usable = lambda value: value is not None and math.isfinite(value)
    rows = [row for row in zip(case["target"], case["prediction"]) if all(map(usable, row))]
    return {"y_true": [row[0] for row in rows], "y_pred": [row[1] for row in rows]}


def label_names(case):
    """Tables of zeros and ones, a row with target and prediction each, a label of such rows a column."""
    rows = [row for row in zip(case["target"], case["prediction"]) if None not in row]
    labels = sorted({label for row in rows for labels in row for label in labels})
    tables = [[[int(label in row[side]) for label in labels] for row in rows] for side in (0, 1)]
    y_true, y_pred = (np.array(table, int).reshape(len(rows), len(labels)) for table in tables)
    return {"y_true": y_true, "y_pred": y_pred}


def text_names(case):
    """The rows with a prediction and reference texts."""
    rows = list(zip(case["prediction"], case["references"]))
    rows = [row for row in rows if row[0] is not None and row[1] is not None]
    return {"y_pred": [row[0] for row in rows], "y_true": [row[1] for row in rows]}


def detection_names(case):
    """The matches of pycocotools: `evaluation` (COCOeval, accumulated), and `by_class`, for each class one dict
    an image with a box of it, as `evaluateImg` gives it, with its `ious`."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    images = [i for i in case["images"] if i["prediction"] is not None and i["target"] is not None]
    boxes = [box for image in images for box in image["prediction"] + image["target"]]
    classes = sorted({box[0] for box in boxes})

    def coco(column):
        found = COCO()
        annotations = [
            {
                "image_id": idx,
                "category_id": classes.index(box[0]),
                "bbox": [box[-4], box[-3], box[-2] - box[-4], box[-1] - box[-3]],
                "area": (box[-2] - box[-4]) * (box[-1] - box[-3]),
                "iscrowd": 0,
                "score": box[1],
            }
            for idx, image in enumerate(images)
            for box in image[column]
        ]
        for number, annotation in enumerate(annotations):
            annotation["id"] = number + 1
        found.dataset = {
            "images": [{"id": idx} for idx in range(len(images))],
            "categories": [{"id": idx, "name": name} for idx, name in enumerate(classes)],
            "annotations": annotations,
        }
        found.createIndex()
        return found

    with contextlib.redirect_stdout(None):
        evaluation = COCOeval(coco("target"), coco("prediction"), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
    by_class = {
        name: [
            {**found, "ious": evaluation.ious[found["image_id"], idx]}
            for found in evaluation.evalImgs
            if found and found["category_id"] == idx and found["aRng"] == evaluation.params.areaRng[0]
        ]
        for idx, name in enumerate(classes)
    }
    return {"evaluation": evaluation, "by_class": by_class}


def table_names(side):
    """A table with `columns` and `kinds` by name, and its number of `rows`."""
    rows = max(map(len, side["columns"].values()), default=0)
    return types.SimpleNamespace(**{"pairs": {}, **side}, rows=rows)


def names_of(family, case):
    if family == "regression":
        return value_names(case)
    if family == "multilabel":
        return label_names(case)
    if family == "ranking":
        return rankings.ranking_names(case)
    if family == "text":
        return text_names(case)
    if family == "detection":
        return detection_names(case)
    if family == "descriptor":
        pixels = np.array(case.get("pixels", []), np.uint8)
        shape = (case.get("height"), case.get("width"), 3)
        return {
            "text": case.get("text"),
            "image": pixels.reshape(shape) if "pixels" in case else None,
        }
    if family == "classification":
        return outcome_names(case)
    if family == "fairness":
        return fairness.fairness_names(case)
    if family == "anomaly":
        return row_inputs.anomaly_names(case)
    if family in ("multivariate", "row_estimate"):
        return row_inputs.multivariate_names(case)
    if family == "estimate":
        return {
            "reference": types.SimpleNamespace(**outcome_names(case["reference"])),
            "current": types.SimpleNamespace(**outcome_names(case["current"], needs_target=False)),
        }
    if family == "detector":
        return {"series": list(case["series"])}
    if family == "multiple":
        return {"p_values": list(case["p_values"])}
    if family == "table":
        return {side: table_names(case[side]) for side in ("reference", "current")}
    return {"reference": list(case["reference"]), "current": list(case["current"])}


def compile_oracle(entry):
    tree = ast.parse(entry["oracle"])
    if not tree.body or not isinstance(tree.body[-1], ast.Expr):
        raise OracleError(f"{entry['id']}: the last statement of an oracle must be an expression")
    last = ast.Expression(tree.body.pop().value)
    return compile(tree, entry["id"], "exec"), compile(last, entry["id"], "eval")


TOOLS = {
    "Counter": Counter,
    "mean_over_judged": rankings.mean_over_judged,
    "mean_over_orders": rankings.mean_over_orders,
    "top": rankings.top,
    "decide": decisions.decide,
    "class_shares": decisions.class_shares,
    "disparity": fairness.disparity,
    "fairlearn": fairlearn,
    "np": np,
    "pd": pd,
    "pyod": pyod,
    "ruptures": ruptures,
    "statsmodels": statsmodels,
    "scipy": scipy,
    "sklearn": sklearn,
    "river": river,
    "nannyml": nannyml,
    "statsmodels": statsmodels,
    "math": math,
    "finite": finite,
    "present": present,
    "words": text_inputs.words,
    "tables": tables,
    "cells": cells,
    "smoothed": smoothed,
    "labels": labels,
}


def answer(code, names, params):
    scope = {**TOOLS, **names, "params": dict(params)}
    np.random.seed(0)
    statements, expression = code
    with np.errstate(all="ignore"):
        exec(statements, scope)
        return eval(expression, scope)


def number(value):
    """A finite float, or None for everything that means undefined."""
    if value is None:
        return None
    value = float(value)
    return value if math.isfinite(value) else None


def tidy_reading(found):
    found = found if isinstance(found, dict) else {"value": found}
    return {str(key): number(value) for key, value in found.items()}


def tidy(family, found):
    """The answer in the form of the file: changes of a series, or numbers by key."""
    if family == "detector":
        return {"changes": [int(idx) for idx in found]}
    if family == "anomaly":
        return row_inputs.anomaly_answer(found)
    if family == "multiple":
        return {"adjusted": [number(value) for value in found]}
    if family == "table":
        return {key: tidy_reading(reading) for key, reading in found.items()} if found else None
    if not isinstance(found, dict):
        found = {"value": found}
    found = {str(key): number(value) for key, value in found.items()}
    if family in ("descriptor", "drift", "fairness", "quality"):
        if not set(found) <= {"value", "p_value"}:
            raise NameError(f"expected the keys value and p_value; found {sorted(found)}")
        return found if found.get("value") is not None else None
    return found


def evaluate(family, entry, cases):
    """Results of one entry for each set of parameters, and why cases were undefined."""
    code = compile_oracle(entry)
    reasons = {}
    runs = []
    for variant in entry["variants"]:
        results = {}
        for name, case in cases.items():
            if entry.get("kinds") is not None and case["kind"] not in entry["kinds"]:
                continue
            try:
                results[name] = tidy(family, answer(code, names_of(family, case), variant))
            except NotImplementedError:
                continue
            except Exception as error:
                message = f"{type(error).__name__}: {str(error)[:90]}"
                if isinstance(error, MISTAKES) or message.startswith("AttributeError: module"):
                    raise OracleError(f"{family}/{entry['id']}, case {name}: {message}") from error
                results[name] = None
                reasons.setdefault(message, set()).add(name)
        if results:
            runs.append({"params": variant, "cases": results})
    return runs, reasons


def words(value):
    """JSON has no NaN and no infinities: they are written as words."""
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        return value
    if isinstance(value, dict):
        return {key: words(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [words(inner) for inner in value]
    return value


def compact(value):
    return json.dumps(words(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def dump(document):
    """One line an input and one a case, so that a difference can be read."""
    entries = []
    for entry, body in document["entries"].items():
        runs = []
        for run in body["runs"]:
            cases = ",\n".join(
                f"    {compact(name)}:{compact(found)}" for name, found in run["cases"].items()
            )
            runs.append(f'   {{"params":{compact(run["params"])},"cases":{{\n{cases}}}}}')
        runs = ",\n".join(runs)
        entries.append(
            f'  {compact(entry)}:{{"oracle":{compact(body["oracle"])},"runs":[\n{runs}]}}'
        )
    cases = ",\n".join(
        f"  {compact(name)}:{compact(case)}" for name, case in document["inputs"].items()
    )
    parts = [
        f' "family":{compact(document["family"])}',
        f' "made_with":{compact(document["made_with"])}',
        f' "inputs":{{\n{cases}}}',
        ' "entries":{\n' + ",\n".join(entries) + "}",
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def made_with(date):
    versions = {package: importlib.metadata.version(package) for package in PACKAGES}
    return {"date": date, "python": platform.python_version(), **versions}


def write(path, document):
    """Writes the file unless only the date would change."""
    old = None
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            old = file.read()
        date = json.loads(old)["made_with"]["date"]
        if dump({**document, "made_with": made_with(date)}) == old:
            return False
    document["made_with"] = made_with(datetime.date.today().isoformat())
    with open(path, "w", encoding="utf-8") as file:
        file.write(dump(document))
    return True


def run_family(family, out_dir):
    """Writes the vectors of one family; returns what is wrong with its oracles."""
    name = family["id"]
    cases = inputs.FAMILIES[name]()
    entries, mistakes = {}, []
    for entry in family["entries"]:
        if entry["oracle"] is None:
            mistakes.append(f"{name}/{entry['id']}: has no oracle")
            continue
        try:
            runs, reasons = evaluate(name, entry, cases)
        except (OracleError, SyntaxError) as error:
            mistakes.append(str(error))
            continue
        entries[entry["id"]] = {"oracle": entry["oracle"], "runs": runs}
        total = sum(len(run["cases"]) for run in runs)
        defined = sum(
            any(value is not None for value in (found or {}).values())
            for run in runs
            for found in run["cases"].values()
        )
        print(
            f"{name}/{entry['id']}: {len(runs)} sets of parameters, {total} results, {defined} defined"
        )
        for reason, where in sorted(reasons.items()):
            print(
                f"    undefined by {reason} ({', '.join(sorted(where)[:4])}{' …' if len(where) > 4 else ''})"
            )
    path = os.path.join(out_dir, f"{name}.json")
    has_changed = write(path, {"family": name, "inputs": cases, "entries": entries})
    print(
        f"{name}.json: {'written' if has_changed else 'unchanged'}, {os.path.getsize(path)} bytes"
    )
    return mistakes


def main():
    catalog, out_dir, *only = sys.argv[1:]
    with open(catalog, encoding="utf-8") as file:
        families = json.load(file)["families"]
    unknown = set(only) - {family["id"] for family in families}
    if unknown:
        raise SystemExit(
            f"no family {', '.join(unknown)}; known: {', '.join(family['id'] for family in families)}"
        )
    os.makedirs(out_dir, exist_ok=True)
    mistakes = []
    for family in families:
        if not only or family["id"] in only:
            mistakes += run_family(family, out_dir)
    if mistakes:
        raise SystemExit("\n".join(["", *mistakes]))


if __name__ == "__main__":
    main()

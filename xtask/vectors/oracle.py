"""Evaluates the reference computation of each catalog entry on the shared inputs of its family.

    oracle.py CATALOG OUT_DIR [FAMILY]

CATALOG is a JSON file with each family's entries: id, oracle (Python, its last expression is the
answer), kinds of columns, and the sets of parameters to run. OUT_DIR receives one file a family. A
file changes only if a result, an input or a version does, so its date tells when that was.
"""

import ast
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

import inputs
import nannyml
import numpy as np
import river
import river.drift
import river.drift.binary
import scipy
import scipy.optimize
import scipy.spatial.distance
import scipy.special
import scipy.stats
import sklearn
import sklearn.calibration
import sklearn.isotonic
import sklearn.metrics
import sklearn.model_selection
import sklearn.preprocessing

PACKAGES = ["numpy", "scipy", "scikit-learn", "river", "nannyml", "pandas", "statsmodels"]

# These mean that the oracle is wrong, not that its answer is undefined.
MISTAKES = (NameError, SyntaxError, ImportError)


class OracleError(Exception):
    """A reference computation that is wrong in itself."""


def finite(values):
    return np.array([v for v in values if v is not None and math.isfinite(v)], float)


def present(values):
    return [v for v in values if v is not None and not (isinstance(v, float) and math.isnan(v))]


def tables(reference, current):
    reference, current = present(reference), present(current)
    names = sorted(set(reference) | set(current))
    counts = [Counter(sample) for sample in (reference, current)]
    return tuple(np.array([count[name] for name in names], float) for count in counts)


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


def names_of(family, case):
    if family == "metric":
        return outcome_names(case)
    if family == "estimate":
        return {
            "reference": types.SimpleNamespace(**outcome_names(case["reference"])),
            "current": types.SimpleNamespace(**outcome_names(case["current"], needs_target=False)),
        }
    if family == "detector":
        return {"series": list(case["series"])}
    return {"reference": list(case["reference"]), "current": list(case["current"])}


def compile_oracle(entry):
    tree = ast.parse(entry["oracle"])
    if not tree.body or not isinstance(tree.body[-1], ast.Expr):
        raise OracleError(f"{entry['id']}: the last statement of an oracle must be an expression")
    last = ast.Expression(tree.body.pop().value)
    return compile(tree, entry["id"], "exec"), compile(last, entry["id"], "eval")


TOOLS = {
    "np": np,
    "scipy": scipy,
    "sklearn": sklearn,
    "river": river,
    "nannyml": nannyml,
    "math": math,
    "finite": finite,
    "present": present,
    "tables": tables,
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


def tidy(family, found):
    """The answer in the form of the file: changes of a series, or numbers by key."""
    if family == "detector":
        return {"changes": [int(idx) for idx in found]}
    if not isinstance(found, dict):
        found = {"value": found}
    found = {str(key): number(value) for key, value in found.items()}
    if family in ("drift", "quality"):
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

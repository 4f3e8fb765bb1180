"""Shared inputs of the reference vectors, by family.

Every input is made from a fixed seed and rounded before use, so that it can be stored in full and
read back to the bit. A case that a family must survive belongs here, not into one entry's test.
"""

import fairness
import fault_inputs
import image_inputs
import numpy as np
import outcome_inputs
import row_inputs
import table_inputs
import text_inputs
from draws import INF, NAN, draw, normal, numbers, rng, with_every

# --- two samples of a column: drift tests and quality checks --------------------------------------


def numeric_cases():
    base = normal("numeric/base", 1500)
    small = normal("numeric/small", 30)
    cases = {
        "empty_both": ([], []),
        "empty_reference": ([], small),
        "empty_current": (small, []),
        "one_row_each": ([1.5], [2.5]),
        "one_row_current": (base[:500], [0.25]),
        "two_rows_each": ([1.0, 2.0], [1.5, 4.0]),
        "all_null_both": ([None] * 20, [None] * 30),
        "all_null_reference": ([None] * 30, small),
        "all_null_current": (small, [None] * 30),
        "all_nan_current": (small, [NAN] * 30),
        "only_infinities_current": (small, [INF, -INF] * 15),
        "some_nulls": (
            with_every(base[:300], 7, None),
            with_every(normal("numeric/nulls", 200), 3, None),
        ),
        "nan_and_infinities": (
            with_every(base[:300], 11, NAN, INF, -INF),
            with_every(normal("numeric/specials", 250, 0.3), 5, NAN, None, INF, -INF),
        ),
        "identical": (base[:500], base[:500]),
        "reordered": (base[:200], base[:200][::-1]),
        "null_small": (small, normal("numeric/null_small", 30)),
        "null_unequal": (base[:1000], normal("numeric/null_unequal", 40)),
        "null_large": (base, normal("numeric/null_large", 1000)),
        "shift_small": (small, normal("numeric/shift_small", 40, 0.8)),
        "shift_large": (base, normal("numeric/shift_large", 1000, 0.15)),
        "scale_large": (base, normal("numeric/scale_large", 1000, 0.0, 1.6)),
        "skewed": (
            numbers(rng("numeric/skewed/a").lognormal(0.0, 1.0, 800)),
            numbers(rng("numeric/skewed/b").lognormal(0.2, 1.1, 600)),
        ),
        "shift_with_outlier": (base[:1000], normal("numeric/outlier", 999, 3.0) + [1e6]),
        "disjoint": (small, normal("numeric/disjoint", 50, 100.0)),
        "touching": ([0.0, 1.0, 2.0, 3.0], [3.0, 4.0, 5.0]),
        "ties": (
            numbers(rng("numeric/ties/a").integers(0, 6, 400)),
            numbers(rng("numeric/ties/b").binomial(6, 0.5, 300)),
        ),
        "two_values": (
            numbers(rng("numeric/two/a").integers(0, 2, 200)),
            numbers(rng("numeric/two/b").random(150) < 0.7),
        ),
        "mostly_zero": (
            numbers(
                np.where(rng("numeric/zero/a").random(500) < 0.9, 0.0, 1.0)
                * rng("numeric/zero/c").exponential(10, 500)
            ),
            numbers(
                np.where(rng("numeric/zero/b").random(400) < 0.8, 0.0, 1.0)
                * rng("numeric/zero/d").exponential(10, 400)
            ),
        ),
        "constant_equal": ([7.0] * 50, [7.0] * 40),
        "constant_different": ([7.0] * 50, [8.0] * 40),
        "constant_reference": ([0.0] * 50, small),
        "constant_current": (small, [0.0] * 50),
        "negative_zero": ([0.0] * 20 + [1.0] * 20, [-0.0] * 20 + [1.0] * 20),
        "huge_values": ([1e308, -1e308, 1e308, 5e307] * 10, [1e308, -1e308, -5e307, 0.0] * 10),
        "subnormal_values": (
            [5e-324, 0.0, 1e-310, 2e-310] * 10,
            [5e-324, 1e-308, 3e-310, -5e-324] * 10,
        ),
        "large_offset": (
            numbers(1e9 + rng("numeric/offset/a").normal(0, 1, 300)),
            numbers(1e9 + rng("numeric/offset/b").normal(0.2, 1, 300)),
        ),
        "integers_above_2_53": (
            [float(2**53 + 2 * k) for k in range(40)],
            [float(2**53 + 2 * k + 20) for k in range(40)],
        ),
    }
    return {f"numeric_{name}": case for name, case in cases.items()}


def categorical_cases():
    abc = ["a", "b", "c"]
    many = [f"k{i:03}" for i in range(200)]
    zipf = [1.0 / (i + 1) for i in range(200)]
    base = draw("categorical/base", abc, [5, 3, 2], 1000)
    small = draw("categorical/small", abc, [5, 3, 2], 30)
    cases = {
        "empty_both": ([], []),
        "empty_reference": ([], small),
        "empty_current": (small, []),
        "one_row_each": (["a"], ["b"]),
        "one_row_current": (base, ["c"]),
        "all_null_both": ([None] * 20, [None] * 30),
        "all_null_reference": ([None] * 30, small),
        "all_null_current": (small, [None] * 30),
        "some_nulls": (
            with_every(base[:300], 7, None),
            with_every(draw("categorical/nulls", abc, [5, 3, 2], 200), 3, None),
        ),
        "empty_strings": (
            with_every(base[:300], 9, ""),
            with_every(draw("categorical/blank", abc, [5, 3, 2], 200), 4, ""),
        ),
        "identical": (base, base),
        "null_small": (small, draw("categorical/null_small", abc, [5, 3, 2], 30)),
        "null_large": (base, draw("categorical/null_large", abc, [5, 3, 2], 2000)),
        "shift_small": (small, draw("categorical/shift_small", abc, [2, 3, 5], 40)),
        "shift_large": (base, draw("categorical/shift_large", abc, [4, 3, 3], 1500)),
        "unseen": (base[:500], draw("categorical/unseen", abc + ["d"], [5, 3, 2, 1], 400)),
        "vanished": (draw("categorical/vanished", abc + ["d"], [5, 3, 2, 2], 400), base[:500]),
        "unseen_and_vanished": (
            draw("categorical/both/a", abc, [5, 3, 2], 300),
            draw("categorical/both/b", ["b", "c", "d", "e"], [4, 3, 2, 1], 200),
        ),
        "disjoint": (["a", "b"] * 25, ["c", "d"] * 20),
        "rare": (["a"] * 990 + ["b"] * 10, ["a"] * 495 + ["b"] * 5 + ["c"]),
        "two_categories": (
            draw("categorical/two/a", ["no", "yes"], [7, 3], 300),
            draw("categorical/two/b", ["no", "yes"], [6, 4], 250),
        ),
        "many_small": (
            draw("categorical/many_small/a", many, zipf, 60),
            draw("categorical/many_small/b", many, zipf, 50),
        ),
        "many_null": (
            draw("categorical/many_null/a", many, zipf, 1500),
            draw("categorical/many_null/b", many, zipf, 1000),
        ),
        "many_shift": (
            draw("categorical/many_shift/a", many, zipf, 1500),
            draw("categorical/many_shift/b", many, zipf[::-1], 1000),
        ),
        "all_distinct": ([f"a{i}" for i in range(50)], [f"b{i}" for i in range(50)]),
        "constant_equal": (["x"] * 50, ["x"] * 40),
        "constant_different": (["x"] * 50, ["y"] * 40),
        "constant_reference": (["a"] * 50, small),
        "constant_current": (small, ["a"] * 50),
        "unicode": (
            ["北京", "上海", "é", "Zürich"] * 30,
            ["北京", "上海", "e\u0301", "Zürich"] * 20,
        ),
    }
    return {f"categorical_{name}": case for name, case in cases.items()}


def boolean_cases():
    def flips(name, p, n):
        return [bool(flag) for flag in rng(name).random(n) < p]

    small = flips("boolean/small", 0.4, 30)
    cases = {
        "empty_both": ([], []),
        "empty_reference": ([], small),
        "empty_current": (small, []),
        "one_row_each": ([True], [False]),
        "all_null_current": (small, [None] * 30),
        "all_null_reference": ([None] * 30, small),
        "some_nulls": (
            with_every(flips("boolean/nulls/a", 0.4, 300), 7, None),
            with_every(flips("boolean/nulls/b", 0.4, 200), 3, None),
        ),
        "identical": (small, small),
        "null_large": (flips("boolean/null/a", 0.2, 1000), flips("boolean/null/b", 0.2, 1500)),
        "shift_large": (flips("boolean/shift/a", 0.2, 1000), flips("boolean/shift/b", 0.3, 800)),
        "constant_equal": ([True] * 50, [True] * 40),
        "constant_different": ([True] * 50, [False] * 40),
        "constant_reference": ([False] * 50, small),
        "constant_current": (small, [False] * 50),
    }
    return {f"boolean_{name}": case for name, case in cases.items()}


def mismatch_cases():
    """The kind of the column changed between the two samples."""
    return {
        "mismatch_numeric_categorical": (
            "numeric",
            "categorical",
            [1.0, 2.0, 3.0] * 10,
            ["1", "2", "x"] * 10,
        ),
        "mismatch_categorical_numeric": (
            "categorical",
            "numeric",
            ["1", "2", "x"] * 10,
            [1.0, 2.0, 3.0] * 10,
        ),
        "mismatch_boolean_categorical": (
            "boolean",
            "categorical",
            [True, False] * 10,
            ["true", "false"] * 10,
        ),
    }


def two_sample_cases():
    cases = {}
    for kind, group in [
        ("numeric", numeric_cases()),
        ("categorical", categorical_cases()),
        ("boolean", boolean_cases()),
    ]:
        for name, (reference, current) in group.items():
            cases[name] = {
                "kind": kind,
                "current_kind": kind,
                "reference": reference,
                "current": current,
            }
    for name, (kind, current_kind, reference, current) in mismatch_cases().items():
        cases[name] = {
            "kind": kind,
            "current_kind": current_kind,
            "reference": reference,
            "current": current,
        }
    return cases


# --- outcomes: metrics and estimators --------------------------------------------------------------


def outcomes(target, prediction, score, positive=None, scored_classes=None):
    """Rows of a classifier. `score` holds one number a row (binary) or one a class; None without scores."""
    return {
        "positive": positive,
        "scored_classes": ([positive] if positive is not None else scored_classes)
        if score is not None
        else [],
        "target": target,
        "prediction": prediction,
        "score": score,
    }


def binary(
    name, n, rate=0.5, separation=1.5, threshold=0.5, digits=4, classes=("0", "1"), sharpness=1.0
):
    """A model with Gaussian evidence: scores are calibrated for `sharpness` 1, overconfident above."""
    source = rng("binary/" + name)
    truth = source.random(n) < rate
    evidence = source.normal(0.0, 1.0, n) + separation * truth
    log_odds = separation * evidence - separation**2 / 2 + np.log(rate / (1 - rate))
    score = np.round(1.0 / (1.0 + np.exp(-sharpness * log_odds)), digits)
    target = [classes[int(flag)] for flag in truth]
    prediction = [classes[int(flag)] for flag in score >= threshold]
    return outcomes(target, prediction, numbers(score, digits), classes[1])


def multiclass(name, n, classes, weights, absent=(), strength=1.5, steps=4096):
    """Scores are multiples of 1/`steps` that sum to 1 exactly. `absent` classes have scores, never rows."""
    source = rng("multiclass/" + name)
    weights = np.array([0.0 if c in absent else w for c, w in zip(classes, weights)])
    truth = source.choice(len(classes), n, p=weights / weights.sum())
    logits = source.normal(0.0, 1.0, (n, len(classes))) + strength * np.eye(len(classes))[truth]
    logits[:, [c in absent for c in classes]] -= 6.0
    share = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    parts = np.floor(share * steps)
    parts[np.arange(n), parts.argmax(axis=1)] += steps - parts.sum(axis=1)
    score = parts / steps
    target = [classes[idx] for idx in truth]
    prediction = [classes[idx] for idx in score.argmax(axis=1)]
    rows = [[float(value) for value in row] for row in score]
    return outcomes(target, prediction, rows, None, list(classes))


def changed(case, **columns):
    return {**case, **columns}


def classification_cases():
    base = binary("balanced", 400)
    flipped = [("1" if c == "0" else "0") for c in base["target"]]
    few = binary("few", 7)
    three, five = ["a", "b", "c"], ["a", "b", "c", "d", "e"]
    multi = multiclass("three", 400, three, [5, 3, 2])
    n = len(base["target"])
    return {
        "empty": outcomes([], [], [], "1"),
        "one_row_right": outcomes(["1"], ["1"], [0.8], "1"),
        "one_row_wrong": outcomes(["0"], ["1"], [0.8], "1"),
        "two_rows": outcomes(["0", "1"], ["0", "1"], [0.3, 0.6], "1"),
        "few_rows": few,
        "balanced": base,
        "large": binary("large", 2000, 0.3),
        "imbalanced": binary("imbalanced", 1000, 0.03),
        "no_skill": binary("no_skill", 500, 0.4, 0.01),
        "named_classes": binary("named", 200, classes=("no", "yes")),
        "positive_sorts_first": binary("first", 200, classes=("good", "bad")),
        "perfect": changed(
            base,
            prediction=base["target"],
            score=[0.9 if c == "1" else 0.1 for c in base["target"]],
        ),
        "perfect_and_certain": changed(
            base, prediction=base["target"], score=[float(c) for c in base["target"]]
        ),
        "all_wrong": changed(
            base, prediction=flipped, score=[0.1 if c == "1" else 0.9 for c in base["target"]]
        ),
        "wrong_and_certain": changed(base, prediction=flipped, score=[float(c) for c in flipped]),
        "targets_all_positive": changed(base, target=["1"] * n),
        "targets_all_negative": changed(base, target=["0"] * n),
        "predictions_all_positive": changed(base, prediction=["1"] * n),
        "predictions_all_negative": changed(base, prediction=["0"] * n),
        "only_negatives": changed(base, target=["0"] * n, prediction=["0"] * n),
        "only_positives": changed(base, target=["1"] * n, prediction=["1"] * n),
        "tied_scores": binary("tied", 300, digits=1),
        "constant_scores": changed(base, score=[0.5] * n),
        "margins": changed(base, score=[round(4 * score - 2, 4) for score in base["score"]]),
        "decision_not_from_score": binary("decision", 300, threshold=0.2),
        "no_scores": changed(base, score=None, scored_classes=[]),
        "no_targets": changed(base, target=[None] * n),
        "some_targets_missing": changed(base, target=with_every(base["target"], 3, None)),
        "incomplete_rows": changed(
            base,
            target=with_every(base["target"], 7, None),
            prediction=with_every(base["prediction"], 5, None),
            score=with_every(base["score"], 5, NAN),
        ),
        "three_classes": multi,
        "three_classes_small": multiclass("three_small", 12, three, [1, 1, 1]),
        "three_classes_tied": multiclass("three_tied", 200, three, [3, 2, 2], steps=4),
        "three_classes_no_scores": changed(multi, score=None, scored_classes=[]),
        "three_classes_one_target": changed(multi, target=["b"] * 400),
        "three_classes_perfect": changed(multi, prediction=multi["target"]),
        "three_classes_some_missing": changed(multi, target=with_every(multi["target"], 4, None)),
        "never_predicted_class": changed(
            multi, prediction=[c if c != "c" else "a" for c in multi["prediction"]]
        ),
        "never_true_class": changed(
            multi, target=[c if c != "c" else "a" for c in multi["target"]]
        ),
        "five_classes": multiclass("five", 800, five, [40, 25, 20, 10, 5]),
        "five_classes_one_absent": multiclass(
            "five_absent", 500, five, [4, 3, 2, 1, 1], absent=("d",)
        ),
        "five_classes_empty": outcomes([], [], [], None, five),
    }


def estimate_cases():
    reference = binary("reference", 1000)
    calibrated = binary("calibrated", 600)
    n = len(calibrated["target"])
    skewed = binary("skewed", 1500, 0.35, 1.2)
    hard = [abs(score - 0.5) < 0.3 for score in skewed["score"]]
    kept = {
        column: [value for value, is_hard in zip(skewed[column], hard) if is_hard]
        for column in ["target", "prediction", "score"]
    }
    cases = {
        "calibrated": (reference, calibrated),
        "itself": (reference, reference),
        "overconfident": (
            binary("over/a", 1000, sharpness=3.0),
            binary("over/b", 500, sharpness=3.0),
        ),
        "underconfident": (
            binary("under/a", 1000, sharpness=0.3),
            binary("under/b", 500, sharpness=0.3),
        ),
        "covariate_shift": (skewed, changed(skewed, **kept)),
        "imbalanced": (binary("rare/a", 2000, 0.05), binary("rare/b", 800, 0.05)),
        "other_threshold": (
            binary("cut/a", 800, threshold=0.2),
            binary("cut/b", 400, threshold=0.2),
        ),
        "tied_scores": (binary("ties/a", 600, digits=1), binary("ties/b", 300, digits=1)),
        "small": (binary("small/a", 40), binary("small/b", 25)),
        "named_classes": (
            binary("names/a", 300, classes=("no", "yes")),
            binary("names/b", 200, classes=("no", "yes")),
        ),
        "one_row_current": (reference, outcomes(["1"], ["1"], [0.7], "1")),
        "constant_scores_current": (
            reference,
            changed(calibrated, score=[0.6] * n, prediction=["1"] * n),
        ),
        "certain_scores_current": (
            reference,
            changed(calibrated, score=[float(c) for c in calibrated["prediction"]]),
        ),
        "all_predicted_negative": (reference, changed(calibrated, prediction=["0"] * n)),
        "all_predicted_positive": (reference, changed(calibrated, prediction=["1"] * n)),
        "scores_beyond_reference": (
            changed(reference, score=[round(0.25 + score / 2, 4) for score in reference["score"]]),
            calibrated,
        ),
        "one_class_reference": (changed(reference, target=["1"] * 1000), calibrated),
        "reference_without_targets": (changed(reference, target=[None] * 1000), calibrated),
        "empty_reference": (outcomes([], [], [], "1"), calibrated),
        "empty_current": (reference, outcomes([], [], [], "1")),
        "margins": (
            changed(reference, score=[round(4 * score - 2, 4) for score in reference["score"]]),
            changed(calibrated, score=[round(4 * score - 2, 4) for score in calibrated["score"]]),
        ),
        "no_scores": (
            changed(reference, score=None, scored_classes=[]),
            changed(calibrated, score=None, scored_classes=[]),
        ),
        "multiclass": (
            multiclass("est/a", 300, ["a", "b", "c"], [5, 3, 2]),
            multiclass("est/b", 200, ["a", "b", "c"], [5, 3, 2]),
        ),
    }
    return {
        name: {"reference": reference, "current": current}
        for name, (reference, current) in cases.items()
    }


# --- series: detectors -----------------------------------------------------------------------------


def detector_cases():
    def bernoulli(name, *parts):
        source = rng("series/" + name)
        return [float(flag) for n, p in parts for flag in source.random(n) < p]

    def gaussian(name, *parts):
        source = rng("series/" + name)
        return [
            value
            for n, mean, deviation in parts
            for value in numbers(source.normal(mean, deviation, n), 3)
        ]

    series = {
        "empty": [],
        "one_point": [0.5],
        "few_points": gaussian("few", (8, 0.0, 1.0)),
        "constant_zero": [0.0] * 1000,
        "constant_one": [1.0] * 1000,
        "constant_large": [12345.678] * 600,
        "bernoulli_quiet": bernoulli("bernoulli_quiet", (2000, 0.1)),
        "bernoulli_up": bernoulli("bernoulli_up", (1000, 0.1), (1000, 0.35)),
        "bernoulli_down": bernoulli("bernoulli_down", (1000, 0.5), (1000, 0.1)),
        "bernoulli_slight": bernoulli("bernoulli_slight", (1500, 0.1), (1500, 0.16)),
        "bernoulli_up_down": bernoulli("bernoulli_up_down", (700, 0.05), (600, 0.4), (700, 0.05)),
        "bernoulli_late_errors": bernoulli("bernoulli_late", (500, 0.0), (500, 0.3)),
        "gaussian_quiet": gaussian("gaussian_quiet", (2000, 0.0, 1.0)),
        "gaussian_up": gaussian("gaussian_up", (600, 0.0, 1.0), (600, 1.5, 1.0)),
        "gaussian_down": gaussian("gaussian_down", (600, 5.0, 1.0), (600, 3.0, 1.0)),
        "gaussian_twice": gaussian(
            "gaussian_twice", (500, 0.0, 0.3), (500, 0.8, 0.3), (500, -0.4, 0.3)
        ),
        "gaussian_wider": gaussian("gaussian_wider", (700, 0.0, 0.5), (700, 0.0, 3.0)),
        "large_scale": gaussian("large_scale", (500, 1000.0, 50.0), (500, 1300.0, 50.0)),
        "large_offset": gaussian("large_offset", (400, 1e6, 1.0), (400, 1e6 + 3, 1.0)),
        "small_scale": [
            value / 1000 for value in gaussian("small_scale", (600, 100.0, 5.0), (600, 130.0, 5.0))
        ],
        "step": [0.0] * 300 + [1.0] * 300,
        "ramp": [round(0.002 * i, 3) for i in range(1000)],
        "spike": [0.0] * 300 + [100.0] + [0.0] * 300,
        "alternating": [0.0, 1.0] * 500,
    }
    return {name: {"series": values} for name, values in series.items()}


# --- p-values: corrections for their number --------------------------------------------------------


def multiple_cases():
    def mixed(name, n, n_true, strength):
        """Uniform p-values, and some of a shifted normal statistic."""
        source = rng("p_values/" + name)
        nothing = source.random(n - n_true)
        something = np.exp(-source.gamma(strength, 3.0, n_true))
        return numbers(source.permutation(np.concatenate([nothing, something])), 12)

    p_values = {
        "one": [0.03],
        "one_certain": [0.0],
        "two": [0.04, 0.01],
        "four": [0.01, 0.04, 0.03, 0.005],
        "equal": [0.2] * 7,
        "all_one": [1.0] * 5,
        "all_zero": [0.0] * 5,
        "both_ends": [0.0, 1.0, 0.5, 1.0, 0.0],
        "ties": [0.01, 0.02, 0.01, 0.5, 0.02, 0.02, 1.0, 0.01],
        "tiny": [1e-300, 1e-30, 1e-308, 0.2, 0.049, 1e-3],
        "near_one": [0.999999, 0.9, 0.99, 0.95, 0.61, 0.6, 0.37],
        "nothing": mixed("nothing", 40, 0, 1.0),
        "few_of_forty": mixed("few", 40, 5, 2.0),
        "many_of_forty": mixed("many", 40, 30, 2.0),
        "few_of_three_hundred": mixed("large", 300, 20, 4.0),
    }
    return {name: {"p_values": values} for name, values in p_values.items()}


def quality_cases():
    return {**two_sample_cases(), **fault_inputs.fault_cases()}


def drift_cases():
    return {
        **two_sample_cases(),
        **text_inputs.text_columns(),
        **text_inputs.embedding_columns(),
    }


def descriptor_cases():
    return {**text_inputs.described_texts(), **image_inputs.described_images()}


FAMILIES = {
    "classification": classification_cases,
    "multilabel": outcome_inputs.multilabel_cases,
    "regression": outcome_inputs.regression_cases,
    "ranking": outcome_inputs.ranking_cases,
    "text": text_inputs.text_cases,
    "detection": image_inputs.detection_cases,
    "fairness": fairness.fairness_cases,
    "descriptor": descriptor_cases,
    "drift": drift_cases,
    "quality": quality_cases,
    "table": table_inputs.table_cases,
    "detector": detector_cases,
    "anomaly": row_inputs.anomaly_cases,
    "multivariate": row_inputs.multivariate_cases,
    "estimate": estimate_cases,
    "row_estimate": row_inputs.regression_cases,
    "multiple": multiple_cases,
}

"""Inputs of measures of fairness, and what their reference computations share."""

import numpy as np
import scipy.stats

# Least expected count for which the chi-squared approximation is trusted.
EXPECTED_MIN = 5


def group(tp, misses, alarms, tn, missing=0, undecided=0, names=("0", "1")):
    """Rows of one group of a binary model, by target and prediction; then those without one of them."""
    no, yes = names
    target = [yes] * (tp + misses) + [no] * (alarms + tn) + [None] * missing + [yes] * undecided
    prediction = [yes] * tp + [no] * misses + [yes] * alarms + [no] * tn
    prediction += [(yes, no)[row % 2] for row in range(missing)] + [None] * undecided
    return {
        "positive": yes,
        "scored_classes": [],
        "target": target,
        "prediction": prediction,
        "score": None,
    }


def fairness_cases():
    fair, other = group(40, 12, 20, 88), group(20, 25, 31, 104)
    unlabelled = {**group(0, 0, 0, 0, missing=120)}
    multiclass = {**fair, "positive": None}
    cases = {
        "equal": {"a": fair, "b": fair},
        "unequal": {"a": fair, "b": other},
        "unequal_large": {"a": group(400, 120, 200, 880), "b": group(90, 110, 130, 470)},
        "four_groups": {
            "north": fair,
            "east": other,
            "south": group(33, 31, 9, 67),
            "west": group(55, 9, 40, 60),
        },
        "most_favoured_is_small": {"a": group(80, 40, 30, 150), "b": group(34, 0, 30, 4), "c": other},
        "two_percent": {"a": group(900, 300, 300, 1500), "b": group(700, 300, 200, 1600), "c": group(2, 20, 1, 30)},
        "small_group": {"a": fair, "b": other, "c": group(9, 0, 9, 1)},
        "all_small": {"a": group(5, 5, 5, 5), "b": group(9, 0, 0, 9)},
        "one_group": {"a": fair},
        "no_groups": {},
        "empty_group": {"a": fair, "b": other, "c": group(0, 0, 0, 0)},
        "all_empty": {"a": group(0, 0, 0, 0), "b": group(0, 0, 0, 0)},
        "never_positive": {"a": group(0, 60, 0, 70), "b": group(0, 40, 0, 90)},
        "one_group_never_positive": {"a": group(0, 60, 0, 70), "b": other},
        "always_positive": {"a": group(60, 0, 70, 0), "b": group(40, 0, 90, 0)},
        "perfect": {"a": group(60, 0, 0, 70), "b": group(40, 0, 0, 90)},
        "no_false_alarms": {"a": group(50, 10, 0, 70), "b": group(40, 40, 0, 90)},
        "rare_alarms": {"a": group(60, 4, 1, 300), "b": group(55, 9, 3, 200)},
        "no_targets": {"a": unlabelled, "b": {**unlabelled}},
        "some_targets_missing": {
            "a": group(40, 12, 20, 88, missing=61),
            "b": group(20, 25, 31, 104, missing=33, undecided=17),
        },
        "no_predictions": {
            "a": group(0, 0, 0, 0, undecided=90),
            "b": group(0, 0, 0, 0, undecided=70),
        },
        "named_classes": {
            "a": group(40, 12, 20, 88, names=("no", "yes")),
            "b": group(20, 25, 31, 104, names=("no", "yes")),
        },
        "several_classes": {"a": multiclass, "b": multiclass},
    }
    return {name: {"groups": groups} for name, groups in cases.items()}


class Rows:
    """Some rows, of groups that have enough of them."""

    def __init__(self, names, mask, rows_min, share_min=0.0):
        kept = [name for name, use in zip(names["group"], mask) if use]
        needed = max(rows_min, share_min * len(kept))
        large = {name for name in kept if kept.count(name) >= needed}
        if len(large) < 2:
            raise ValueError("fewer than two groups")
        use = mask & np.array([name in large for name in names["group"]])
        self.group = [name for name, use in zip(names["group"], use) if use]
        self.actual = names["is_positive"][use].astype(int)
        self.decided = names["decided"][use].astype(int)

    def p_value(self, flags):
        """Probability of rates this far apart, where a library has it; else None."""
        groups = sorted(set(self.group))
        table = np.array(
            [[sum(flag == side for flag, own in zip(flags, self.group) if own == name) for name in groups] for side in (1, 0)]
        )
        if 0 in table.sum(axis=1):
            return 1.0
        _, p_value, _, expected = scipy.stats.chi2_contingency(table, correction=False)
        if expected.min() >= EXPECTED_MIN:
            return p_value
        return scipy.stats.fisher_exact(table).pvalue if len(groups) == 2 else None


def disparity(value, *p_values):
    """The answer: of several p-values the least, times their number."""
    if None in p_values:
        return {"value": value}
    return {"value": value, "p_value": min(1.0, len(p_values) * min(p_values))}


def fairness_names(case):
    """Rows of all groups that have a prediction: what is true, what was decided, and whose they are."""
    target, prediction, group, positive = [], [], [], []
    for name, rows in case["groups"].items():
        for true, decided in zip(rows["target"], rows["prediction"]):
            if decided is not None:
                target.append(true)
                prediction.append(decided == rows["positive"])
                positive.append(true is not None and true == rows["positive"])
                group.append(name)
        if rows["positive"] is None:
            target = []
            break
    if not target:
        group, prediction, positive = [], [], []
    has_target = np.array([true is not None for true in target], bool)
    found = {
        "group": group,
        "decided": np.array(prediction, bool),
        "is_positive": np.array(positive, bool),
        "is_negative": has_target & ~np.array(positive, bool),
        "has_target": has_target,
        "everyone": np.ones(len(group), bool),
    }
    return {**found, "rows": lambda mask, **least: Rows(found, mask, **least)}

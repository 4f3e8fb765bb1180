"""Shared inputs of regressors, multilabel classifiers, rankers and recommenders."""

import zlib

import numpy as np

NAN = float("nan")
INF = float("inf")


def rng(name):
    """A generator of its own for each case, so that a new case moves no other."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def numbers(array, digits=4):
    return [float(value) for value in np.round(np.asarray(array, float), digits)]


def with_every(values, step, *specials):
    """The values with each `step`-th replaced by the next of `specials`."""
    values = list(values)
    for turn, idx in enumerate(range(0, len(values), step)):
        values[idx] = specials[turn % len(specials)]
    return values


# --- numbers against numbers ---------------------------------------------------------------------


def values(target, prediction):
    return {"target": list(target), "prediction": list(prediction)}


def linear(name, n, noise=1.0, bias=0.0, offset=10.0, scale=3.0, digits=4):
    """Normal targets and predictions with normal errors."""
    source = rng("values/" + name)
    target = source.normal(offset, scale, n)
    prediction = target + source.normal(bias, noise, n)
    return values(numbers(target, digits), numbers(prediction, digits))


def regression_cases():
    base = linear("base", 300)
    target, prediction = base["target"], base["prediction"]
    n = len(target)
    counts, prices = rng("values/counts"), rng("values/prices")
    count, price = counts.poisson(2.0, 200), prices.lognormal(4.0, 1.0, 200)
    return {
        "empty": values([], []),
        "one_row": values([2.5], [3.0]),
        "one_row_right": values([2.5], [2.5]),
        "two_rows": values([1.0, 3.0], [1.5, 2.0]),
        "three_rows": values([1.0, 3.0, 8.0], [1.5, 2.0, 9.0]),
        "base": base,
        "large": linear("large", 2500, noise=2.0),
        "biased": linear("biased", 200, bias=4.0),
        "no_skill": values(target, prediction[::-1]),
        "perfect": values(target, target),
        "constant_prediction": values(target, [10.0] * n),
        "constant_target": values([5.0] * n, prediction),
        "constant_target_right": values([5.0] * 40, [5.0] * 40),
        "equal_errors": values(numbers(np.array(target), 2), numbers(np.array(target) + 1, 2)),
        "heavy_tails": values(target, numbers(target + rng("values/tails").standard_t(2, n), 3)),
        "one_outlier": values(target, [*prediction[:-1], 1e6]),
        "some_nulls": values(with_every(target, 5, None), with_every(prediction, 7, None)),
        "nan_and_infinities": values(
            with_every(target, 11, NAN, INF, -INF, None), with_every(prediction, 13, INF, NAN, -INF)
        ),
        "no_targets": values([None] * 30, prediction[:30]),
        "no_predictions": values(target[:30], [None] * 30),
        "never_both": values([1.0, None, 2.0, None], [None, 1.0, None, 2.0]),
        "only_infinities": values([INF, -INF, INF], [1.0, 2.0, INF]),
        "negative_values": linear("negative", 150, offset=-2.0),
        "at_minus_one": values([0.0, -1.0, 2.0], [0.5, 0.5, 0.5]),
        "just_above_minus_one": values([-0.999, 0.5, 2.0], [0.5, -0.9999, 0.5]),
        "zero_targets": values(with_every(target, 4, 0.0), prediction),
        "zero_both": values(with_every(target, 4, 0.0), with_every(prediction, 4, 0.0)),
        "negative_zero": values([0.0, -0.0, 1.0, 0.0], [-0.0, 0.0, 1.0, -0.0]),
        "counts": values(
            numbers(count), numbers(np.maximum(count + counts.integers(-1, 2, 200), 0))
        ),
        "prices": values(numbers(price, 2), numbers(price * prices.lognormal(0.0, 0.3, 200), 2)),
        "large_offset": linear("offset", 200, offset=1e9),
        "small_scale": linear("small", 100, noise=1e-9, offset=0.0, scale=1e-8, digits=14),
        "tiny_values": values([1e-200, 3e-200, 2e-200], [2e-200, 3e-200, 4e-200]),
        "huge_prediction": values([1.0, 2.0, 0.0], [1e308, 2.0, 1.0]),
        "huge_target": values([1e308, 2.0, 0.0], [1.0, 2.0, 1.0]),
        "huge_both": values([1e307, 2.0, 0.0], [-1e307, 2.0, 1.0]),
        "beyond_squares": values([0.0, 1.0, 2.0], [1e200, 1.0, 2.0]),
    }


# --- sets of labels ------------------------------------------------------------------------------


def tagged(name, n, labels, rates, flips=0.1):
    """Labels at these rates; a prediction has each wrong with probability `flips`."""
    source = rng("labels/" + name)
    truth = source.random((n, len(labels))) < rates
    decided = truth ^ (source.random(truth.shape) < flips)
    rows = lambda flags: [[label for label, flag in zip(labels, row) if flag] for row in flags]
    return {"target": rows(truth), "prediction": rows(decided)}


def multilabel_cases():
    four = ["news", "sport", "art", "science"]
    base = tagged("base", 200, four, [0.5, 0.3, 0.2, 0.1])
    target, prediction = base["target"], base["prediction"]
    n = len(target)
    return {
        "empty": {"target": [], "prediction": []},
        "one_row": {"target": [["a", "b"]], "prediction": [["a"]]},
        "one_row_without_labels": {"target": [[]], "prediction": [[]]},
        "one_label": tagged("one", 50, ["a"], [0.5]),
        "base": base,
        "many_labels": tagged("many", 150, [f"t{i}" for i in range(40)], [0.05] * 40, 0.01),
        "perfect": {"target": target, "prediction": target},
        "nothing_predicted": {"target": target, "prediction": [[]] * n},
        "everything_predicted": {"target": target, "prediction": [four] * n},
        "no_labels_at_all": {"target": [[]] * 20, "prediction": [[]] * 20},
        "repeated_labels": {"target": [["a", "b", "a"], ["b"]], "prediction": [["b", "a"], ["b", "b"]]},
        "some_nulls": {
            "target": with_every(target, 5, None),
            "prediction": with_every(prediction, 7, None),
        },
        "label_of_a_null_row": {"target": [["a"], None], "prediction": [["a"], ["only_here"]]},
        "no_targets": {"target": [None] * 20, "prediction": prediction[:20]},
        "no_predictions": {"target": target[:20], "prediction": [None] * 20},
        "never_both": {"target": [["a"], None], "prediction": [None, ["a"]]},
    }


# --- lists of items ------------------------------------------------------------------------------


def lists(rows, history=(), vectors=None):
    """Rows of query, item, score and relevance."""
    columns = zip(*rows) if rows else ([], [], [], [])
    query, item, score, relevance = map(list, columns)
    return {
        "query": query,
        "item": item,
        "score": score,
        "relevance": relevance,
        "history": [list(pair) for pair in history],
        "vectors": vectors or {},
    }


def searched(name, n_queries, n_items, digits=4, skill=1.0, grades=(0.6, 0.25, 0.1, 0.05)):
    """Graded relevance, and scores that know of it."""
    source = rng("lists/" + name)
    rows = []
    for query in range(n_queries):
        n = n_items if isinstance(n_items, int) else int(source.integers(*n_items))
        grade = source.choice(len(grades), n, p=grades)
        score = np.round(source.normal(skill * grade, 1.0), digits)
        rows += [
            (f"q{query}", f"d{query}-{idx}", float(score[idx]), float(grade[idx])) for idx in range(n)
        ]
    return lists(rows)


def recommended(name, n_users, n_items, n_shown, spread=1.0):
    """Users with a taste get the items nearest to it, popular ones first."""
    source = rng("lists/" + name)
    items = [f"i{idx}" for idx in range(n_items)]
    places = source.normal(0.0, 1.0, (n_items, 3))
    fame = 1.0 / np.arange(1, n_items + 1)
    history, rows = [], []
    for user in range(n_users):
        taste = spread * source.normal(0.0, 1.0, 3)
        liking = places @ taste + source.normal(0.0, 0.5, n_items)
        for idx in source.choice(n_items, 6, replace=False, p=fame / fame.sum()):
            history.append((f"u{user}", items[int(idx)]))
        score = np.round(liking + np.log(fame), 6)
        for idx in np.argsort(-score)[:n_shown]:
            is_relevant = source.random() < 1 / (1 + np.exp(-liking[idx]))
            rows.append((f"u{user}", items[int(idx)], float(score[idx]), float(is_relevant)))
    vectors = {item: numbers(place) for item, place in zip(items, places)}
    return lists(rows, history, vectors)


def ranking_cases():
    base, shop = searched("base", 50, 25), recommended("shop", 40, 60, 15)
    columns = ("query", "item", "score", "relevance")
    rows = [tuple(row) for row in zip(*(base[column] for column in columns))]
    shown = [tuple(row) for row in zip(*(shop[column] for column in columns))]
    history, vectors = [tuple(pair) for pair in shop["history"]], shop["vectors"]
    few = [("q", "a", 0.9, 0.0), ("q", "b", 0.8, 2.0), ("q", "c", 0.5, 1.0)]
    return {
        "empty": lists([]),
        "one_item": lists([("q", "a", 0.5, 1.0)]),
        "one_item_not_relevant": lists([("q", "a", 0.5, 0.0)]),
        "one_query": lists(few),
        "base": base,
        "no_skill": searched("no_skill", 40, 12, skill=0.0),
        "lists_of_all_lengths": searched("lengths", 40, (1, 30)),
        "shorter_than_k": searched("short", 30, (1, 6)),
        "ties": searched("ties", 30, 9, digits=0),
        "all_tied": lists([("q", name, 0.5, float(idx % 3)) for idx, name in enumerate("abcdefg")]),
        "tie_at_the_end": lists([*few, ("q", "d", 0.1, 1.0)] + [("q", f"e{i}", 0.1, 0.0) for i in range(9)]),
        "rare_relevance": searched("rare", 60, 8, grades=(0.95, 0.05)),
        "nothing_relevant": lists([(q, i, s, 0.0) for q, i, s, _ in rows[:100]]),
        "everything_relevant": lists([(q, i, s, 1.0) for q, i, s, _ in rows[:100]]),
        "grades_below_one": lists([(q, i, s, r / 4) for q, i, s, r in rows[:300]]),
        "negative_relevance": lists([(q, i, s, r - 1) for q, i, s, r in rows[:300]]),
        "huge_relevance": lists([(q, i, s, r * 1e308) for q, i, s, r in [*few, ("q", "d", 0.2, 1.0)]]),
        "relevant_but_not_shown": lists(
            [(q, i, None if idx % 6 == 0 else s, r) for idx, (q, i, s, r) in enumerate(rows[:400])]
        ),
        "query_without_list": lists([*few, ("p", "a", None, 1.0)]),
        "some_relevance_unknown": lists(
            [(q, i, s, None if idx % 3 else r) for idx, (q, i, s, r) in enumerate(rows[:400])]
        ),
        "not_finite": lists(
            [(q, i, [s, NAN, INF, -INF][idx % 4], r) for idx, (q, i, s, r) in enumerate(rows[:200])]
        ),
        "no_targets": lists([(q, i, s, None) for q, i, s, _ in rows[:100]]),
        "no_scores": lists([(q, i, None, r) for q, i, _, r in rows[:100]]),
        "null_keys": lists(
            [
                (None if idx % 7 == 0 else q, None if idx % 5 == 0 else i, s, r)
                for idx, (q, i, s, r) in enumerate(rows[:300])
            ]
        ),
        "only_null_keys": lists([(None, "a", 0.5, 1.0), ("q", None, 0.5, 1.0)]),
        "items_sent_twice": lists(
            rows[:200] + [(q, i, s - 1, r + 1) for q, i, s, r in rows[:200:9]]
        ),
        "recommender": shop,
        "recommender_ranks": lists(
            [(q, i, -float(idx % 15), r) for idx, (q, i, _, r) in enumerate(shown)], history, vectors
        ),
        "same_list_for_all": lists(
            [(f"u{u}", f"i{i}", -float(i), float(i == u % 12)) for u in range(20) for i in range(12)],
            history,
            vectors,
        ),
        "no_common_items": lists(
            [(f"u{u}", f"x{u}-{i}", -float(i), 1.0) for u in range(10) for i in range(5)], history
        ),
        "lists_of_two_lengths": lists(
            [row for idx, row in enumerate(shown) if idx // 15 % 2 or idx % 15 < 4], history, vectors
        ),
        "unknown_items": lists(
            [(q, i if idx % 4 else f"new{idx}", s, r) for idx, (q, i, s, r) in enumerate(shown)],
            history,
            vectors,
        ),
        "no_history": lists(shown, [], vectors),
        "no_vectors": lists(shown, history),
        "unjudged_recommendations": lists([(q, i, s, None) for q, i, s, _ in shown], history, vectors),
        "zero_and_opposite_vectors": lists(
            [("u0", "i0", 0.9, 1.0), ("u0", "i1", 0.8, 1.0), ("u0", "i2", 0.7, 0.0)],
            [("u0", "i3"), ("u0", "i0")],
            {"i0": [1.0, 0.0], "i1": [-2.0, 0.0], "i2": [0.0, 0.0], "i3": [0.0, 5.0]},
        ),
        "two_users": lists(shown[:30], history, vectors),
    }

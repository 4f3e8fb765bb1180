"""Shared inputs of checks of whole tables."""

import numpy as np
from draws import INF, draw, numbers, rng, with_every


def table(kinds, columns, target=None, ids=None):
    return {"kinds": kinds, "columns": columns, "target": target, "ids": ids}


def plain_table(name, n):
    """Two dependent numbers and one apart, categories, and a class to predict."""
    source = rng("table/" + name)
    speed = source.normal(50.0, 10.0, n)
    columns = {
        "speed": numbers(speed, 2),
        "power": numbers(speed**2 / 25 + source.normal(0.0, 15.0, n), 2),
        "noise": numbers(source.exponential(3.0, n), 3),
        "city": draw(f"table/{name}/city", ["rome", "oslo", "lima"], [5, 3, 2], n),
        "fuel": draw(f"table/{name}/fuel", ["gas", "oil", "sun"], [2, 3, 5], n),
        "class": [str(int(flag)) for flag in source.random(n) < 1 / (1 + np.exp((50 - speed) / 5))],
    }
    kinds = {column: "numeric" for column in ("speed", "power", "noise")}
    kinds |= {column: "categorical" for column in ("city", "fuel", "class")}
    return table(kinds, columns, "class", [f"{name}-{i}" for i in range(n)])


def with_columns(side, kinds=None, **columns):
    """The table with some columns replaced; None removes one."""
    merged = {**side["columns"], **columns}
    kinds = {**side["kinds"], **(kinds or {})}
    kept = [name for name, values in merged.items() if values is not None]
    return {
        **side,
        "columns": {name: merged[name] for name in kept},
        "kinds": {name: kinds[name] for name in kept},
    }


def repeated(side, step):
    """The table with each `step`-th row sent twice."""
    rows = [i for idx in range(len(side["ids"])) for i in [idx] * (2 if idx % step == 0 else 1)]
    take = lambda values: [values[i] for i in rows]
    columns = {name: take(values) for name, values in side["columns"].items()}
    return {**side, "columns": columns, "ids": take(side["ids"])}


def leak_cases(reference, current):
    def three(side, name):
        return [["a", "b", "c"][int(v * 997) % 3] for v in side["columns"][name]]

    classes = [
        with_columns(side, **{"class": three(side, "noise")}) for side in (reference, current)
    ]
    exact = [
        with_columns(
            side,
            {"code": "categorical", "level": "numeric"},
            code=[{"a": "x", "b": "y", "c": "z"}[v] for v in side["columns"]["class"]],
            level=[
                {"a": 5.0, "b": 1.0, "c": 3.0}[v] + 0.01 * (i % 7)
                for i, v in enumerate(side["columns"]["class"])
            ],
        )
        for side in classes
    ]
    price = [
        {
            **with_columns(
                side,
                {"price": "numeric", "tax": "numeric"},
                price=[round(v * 3, 2) for v in side["columns"]["noise"]],
                tax=[round(v * v / 9, 5) for v in side["columns"]["noise"]],
                noise=None,
            ),
            "target": "price",
        }
        for side in (reference, current)
    ]
    marked = {
        "after": [
            float(c == "1") * 10 + (i % 5) for i, c in enumerate(reference["columns"]["class"])
        ]
    }
    return {
        "leak_in_reference": (
            with_columns(reference, {"after": "numeric"}, **marked),
            with_columns(current, {"after": "numeric"}, after=current["columns"]["noise"]),
        ),
        "leak_to_three_classes": (exact[0], exact[1]),
        "leak_to_a_number": (price[0], price[1]),
        "identifier_is_no_leak": (
            with_columns(classes[0], {"id": "categorical"}, id=classes[0]["ids"]),
            with_columns(classes[1], {"id": "categorical"}, id=classes[1]["ids"]),
        ),
        "no_targets": ({**reference, "target": None}, {**current, "target": None}),
        "targets_not_yet": (reference, {**current, "target": None}),
    }


def pair_cases(reference, current):
    source = rng("table/pairs")
    offline = [float(v) for v in source.normal(100.0, 20.0, 60)]
    single = [float(np.float32(v)) for v in offline]
    stale = [v * 1.02 if i % 12 == 0 else v for i, v in enumerate(offline)]
    words = draw("table/pairs/words", ["a", "b"], [1, 1], 60)
    pairs = {
        "single": list(map(list, zip(offline, single))),
        "stale": list(map(list, zip(offline, stale))),
        "gaps": list(map(list, zip(with_every(offline, 9, None), with_every(offline, 6, None)))),
        "words": list(map(list, zip(words, with_every(words, 20, "A")))),
        "huge": [[1e308, -1e308], [INF, INF], [INF, 1.0], [0.0, -0.0], [5e-324, 0.0]] * 3,
    }
    return {
        "pairs": (reference, {**current, "pairs": pairs}),
        "pairs_agree": (reference, {**current, "pairs": {"single": pairs["single"]}}),
    }


def table_cases():
    reference, current = plain_table("reference", 150), plain_table("current", 120)
    small = plain_table("small", 24)
    empty = plain_table("empty", 0)
    swap = lambda side, a, b: with_columns(side, **{a: side["columns"][b], b: side["columns"][a]})
    shuffled = [float(v) for v in rng("table/shuffle").permutation(current["columns"]["power"])]
    renamed = with_columns(
        current, {"pace": "numeric"}, speed=None, pace=current["columns"]["speed"]
    )
    texts = [str(v) for v in current["columns"]["noise"]]
    gaps = [
        with_columns(
            side,
            speed=with_every(side["columns"]["speed"], 6, None),
            power=with_every(side["columns"]["power"], 10, None),
            city=with_every(side["columns"]["city"], 11, None),
        )
        for side in (reference, current)
    ]
    coarse = [
        with_columns(
            side,
            speed=[round(v, -1) for v in side["columns"]["speed"]],
            power=[round(v, -2) for v in side["columns"]["power"]],
            noise=[round(v) * 1.0 for v in side["columns"]["noise"]],
        )
        for side in (reference, current)
    ]
    beside = [
        with_columns(
            side, {"pace": "numeric"}, pace=[round(v + 10, 2) for v in side["columns"]["speed"]]
        )
        for side in (reference, current)
    ]
    few = [with_columns(side, speed=None, power=None, noise=None) for side in (reference, current)]
    cases = {
        "clean": (reference, current),
        "itself": (reference, reference),
        "empty_reference": (empty, current),
        "empty_current": (reference, empty),
        "small": (small, plain_table("small_too", 20)),
        "renamed": (reference, renamed),
        "kind_changed": (reference, with_columns(current, {"noise": "categorical"}, noise=texts)),
        "column_without_values": (
            reference,
            with_columns(current, {"noise": "categorical"}, noise=[None] * 120),
        ),
        "swapped_numbers": (reference, swap(current, "speed", "noise")),
        "swapped_names": (reference, swap(current, "city", "fuel")),
        "swapped_and_drifted": (
            reference,
            swap(
                with_columns(current, speed=[round(v + 8, 2) for v in current["columns"]["speed"]]),
                "speed",
                "noise",
            ),
        ),
        "swapped_overlapping": (beside[0], swap(beside[1], "speed", "pace")),
        "swapped_twice": (reference, swap(swap(current, "city", "fuel"), "speed", "noise")),
        "loaded_twice": (reference, repeated(current, 1)),
        "some_repeated": (reference, repeated(current, 15)),
        "repeated_as_before": (repeated(reference, 15), repeated(current, 15)),
        "few_categories": (few[0], few[1]),
        "no_identifiers": ({**reference, "ids": None}, {**current, "ids": None}),
        "shuffled_column": (reference, with_columns(current, power=shuffled)),
        "reversed_column": (
            reference,
            with_columns(current, power=[-v for v in current["columns"]["power"]]),
        ),
        "gaps": (gaps[0], gaps[1]),
        "ties": (coarse[0], coarse[1]),
        "constant_column": (reference, with_columns(current, noise=[1.0] * 120)),
        **leak_cases(reference, current),
        **pair_cases(small, small),
    }
    return {
        name: {"reference": reference, "current": current}
        for name, (reference, current) in cases.items()
    }

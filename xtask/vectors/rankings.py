"""What the reference computations of rankers and recommenders share."""

import itertools
import math
import types
from collections import Counter

import numpy as np


def known(value):
    return value is not None and math.isfinite(value)


def ranking_names(case):
    """`queries` in the order of their first row, `listed` of them with a list, and what was known before.

    A query has `ranked`, `scores` and `items` of its list, best first, `relevances` of all its items, and
    `relevance` by item; unknown relevances are 0. Of rows with one query and item the greater score and
    relevance count.
    """
    rows = {}
    for query, item, score, relevance in zip(
        case["query"], case["item"], case["score"], case["relevance"]
    ):
        if query is None or item is None:
            continue
        old = rows.setdefault(query, {}).get(item, (None, None))
        pick = lambda a, b: max((v for v in (a, b) if known(v)), default=None)
        rows[query][item] = (pick(old[0], score), pick(old[1], relevance))
    queries = []
    for query, items in rows.items():
        ranked = sorted((i for i in items if items[i][0] is not None), key=lambda i: -items[i][0])
        relevance = {item: found or 0.0 for item, (_, found) in items.items()}
        queries.append(
            types.SimpleNamespace(
                id=query,
                items=ranked,
                scores=[items[item][0] for item in ranked],
                ranked=[relevance[item] for item in ranked],
                relevance=relevance,
                relevances=list(relevance.values()),
                is_judged=any(found is not None for _, found in items.values()),
            )
        )
    pairs = set(map(tuple, case["history"]))
    history = {}
    for user, item in sorted(pairs):
        history.setdefault(user, []).append(item)
    return {
        "queries": queries,
        "listed": [query for query in queries if query.items],
        "history": history,
        "popularity": Counter(item for _, item in pairs),
        "n_users": len(history),
        "vectors": case["vectors"],
    }


def mean_over_judged(queries, params, value):
    """Mean of `value(query)` over the queries that something is relevant to, or None."""
    if not any(query.items for query in queries):
        return None
    values = []
    for query in queries:
        if query.is_judged:
            if any(relevance >= params["relevance_min"] for relevance in query.relevances):
                values.append(value(query))
            elif params["no_relevant"] == "zero":
                values.append(0.0)
    return np.mean(values) if values else None


def orders(flags, scores):
    """Every order of zeros and ones, all equally likely, that items with these scores can have."""
    groups = [
        [flag for flag, _ in group]
        for _, group in itertools.groupby(zip(flags, scores), key=lambda pair: pair[1])
    ]
    each = [
        [[int(i in ones) for i in range(len(group))] for ones in itertools.combinations(range(len(group)), sum(group))]
        for group in groups
    ]
    for order in itertools.product(*each):
        yield [flag for group in order for flag in group]


def mean_over_orders(queries, params, value):
    """Mean over judged queries of the mean of `value(order, n_relevant)` over the orders of tied items."""

    def of_query(query):
        flags = [int(relevance >= params["relevance_min"]) for relevance in query.ranked]
        n_relevant = sum(relevance >= params["relevance_min"] for relevance in query.relevances)
        return np.mean([value(order, n_relevant) for order in orders(flags, query.scores)])

    return mean_over_judged(queries, params, of_query)


def top(query, params):
    """The first `k` items of a list; which of tied ones at its end, a reference computation does not know."""
    k = params["k"]
    if len(query.items) > k and query.scores[k - 1] == query.scores[k]:
        raise NotImplementedError("the first k end within a tie")
    return query.items[:k]

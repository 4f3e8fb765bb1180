"""What the reference computations of metrics of decisions share."""

import numpy as np
import sklearn.metrics


def decide(y_true, y_pred, y_score, positive, params):
    """Targets and decisions: those logged, or with `decision = score` by `threshold` on finite scores."""
    if params["decision"] == "logged":
        if params["threshold"] != 0.5:
            raise NotImplementedError("the threshold is not used")
        return y_true, y_pred
    if positive is None or y_score is None:
        raise ValueError("no score to decide by")
    rest = sorted((set(y_true) | set(y_pred)) - {positive})
    rest = rest[0] if len(rest) == 1 else "0" if positive == "1" else f"not {positive}"
    complete = np.isfinite(y_score)
    targets = [name if name == positive else rest for name, use in zip(y_true, complete) if use]
    is_positive = y_score[complete] >= params["threshold"]
    return targets, [positive if flag else rest for flag in is_positive]


def class_shares(y_true, y_pred, positive, part, worst):
    """Quotients of one-versus-rest counts; `part(tn, fp, fn, tp)` gives numerator and denominator.

    A class without a quotient counts as `worst` in averages.
    """
    if not len(y_true):
        return None
    seen = sorted(set(y_true) | set(y_pred))
    labels = seen if positive is None else [positive]
    if positive is not None and positive not in seen:
        actual = [name == positive for name in y_true]
        decided = [name == positive for name in y_pred]
        tables = sklearn.metrics.multilabel_confusion_matrix(actual, decided, labels=[True, False])[:1]
    else:
        tables = sklearn.metrics.multilabel_confusion_matrix(y_true, y_pred, labels=labels)
    parts = np.array([part(*table.ravel()) for table in tables], float)
    values = np.divide(*parts.T)
    if positive is not None:
        return {"": values[0]}
    counted = np.where(np.isfinite(values), values, worst)
    weights = [list(y_true).count(name) for name in seen]
    averages = {
        "average=macro": np.mean(counted),
        "average=micro": np.divide(*parts.sum(axis=0)),
        "average=weighted": np.average(counted, weights=weights),
    }
    return averages | {f"class={name}": value for name, value in zip(seen, values)}

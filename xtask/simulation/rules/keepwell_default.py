"""`keepwell check` as it is without options: a column is flagged by a warning or an alert of any kind."""

import json
import subprocess
from collections import defaultdict
from datetime import datetime, timezone

import numpy as np
import pyarrow as pa

from rules import NAMES, Verdict, is_numeric

FIRST_SECOND = 1_735_689_600
DICTIONARY = pa.array(NAMES, type=pa.string())


def judge(case, programs, folder):
    """A verdict for each window; the windows of a flow are judged by one run, others by one each."""
    if case.scenario.flow:
        return flow_verdicts(case, programs["keepwell"], folder)
    reference, current = folder / "reference.arrow", folder / "current.arrow"
    write(reference, case.reference)
    verdicts = []
    for window, changed in zip(case.windows, case.changed):
        write(current, window)
        arguments = ["--reference", reference, "--current", current]
        if case.scenario.has_outcomes:
            arguments += ["--positive", NAMES[1], "--segment", "region"]
        rows = results(programs["keepwell"], arguments)
        verdicts.append(verdict_of(rows, changed, set(window)))
    return verdicts


def flow_verdicts(case, keepwell, folder):
    """The reference is what comes before a time in one file."""
    path = folder / "flow.arrow"
    columns = {name: np.concatenate([case.reference[name], *(window[name] for window in case.windows)])
               for name in case.reference}
    rows = case.scenario.rows
    n_rows = case.scenario.reference_rows + rows * len(case.windows)
    seconds = FIRST_SECOND + np.arange(n_rows) * 3600 // rows
    write(path, columns, seconds)
    until = FIRST_SECOND + case.scenario.reference_rows * 3600 // rows
    text = datetime.fromtimestamp(until, timezone.utc).isoformat()
    by_hour = defaultdict(list)
    for row in results(keepwell, [path, "--until", text, "--every", "1h"]):
        start = row["window_start"]
        hour = None if start is None else int(datetime.fromisoformat(start).timestamp() - until) // 3600
        by_hour[hour].append(row)
    return [verdict_of(by_hour[hour], changed, set(case.reference)) for hour, changed in enumerate(case.changed)]


def write(path, columns, seconds=None):
    """An Arrow file: the cheapest to write and to read."""
    arrays = {name: of if is_numeric(of) else DICTIONARY.take(pa.array(of)) for name, of in columns.items()}
    if seconds is not None:
        arrays["timestamp"] = pa.array(seconds * 1_000_000, type=pa.timestamp("us", "UTC"))
    table = pa.table(arrays)
    with pa.ipc.new_file(str(path), table.schema) as writer:
        writer.write_table(table)


def results(keepwell, arguments):
    """The rows of a run."""
    command = [keepwell, "check", *arguments, "--quiet", "--threads", "1", "--json", "-"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stderr.decode(errors="replace"))
    return json.loads(done.stdout)["results"]


def verdict_of(rows, changed, columns):
    """What the rows of a window say."""
    verdict = Verdict(set())
    decided = set()
    for row in rows:
        name, verdict_id = row["column"], row["verdict"]
        if verdict_id in ("warning", "alert"):
            if name in columns and not is_outcome(name):
                verdict.flagged.add(name)
            elif name or not changed:
                # Of the rows as a whole it is true to say that they changed where any column did.
                verdict.others.append(f"{row['name']} {name or ''}".strip())
        if row["kind"] == "drift" and verdict_id is not None:
            if verdict_id != "undefined":
                decided.add(name)
            if row["p_value"] is not None and name not in changed:
                verdict.p_values.append((name, row["p_value"]))
    verdict.undecided = columns - decided
    return verdict


def is_outcome(name):
    """Whether a column is not a feature."""
    return name in ("target", "prediction", "score", "region", "timestamp")

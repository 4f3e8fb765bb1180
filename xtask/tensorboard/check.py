"""Compares our reader and writer of event files with the real TensorBoard.

    python check.py READER WRITER

READER and WRITER are the built examples `tensorboard_read` and `tensorboard_write` of keepwell-interop. Logs of
real writers and logs of ours are read by ours, by TensorBoard's data server and by its reader in Python, over
HTTP, and by its `EventAccumulator`. Ends with an error if they differ.
"""

import json
import math
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import logs
from served import TensorBoard
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.util import tensor_util

# TensorBoard's reader in Python turns counts and edges of histograms into single precision on its way.
SINGLE_TOLERANCE = 1e-6

problems = []
n_compared = 0


def expect(place, ours, theirs):
    """Notes a difference; floats are compared exactly, NaN equals NaN."""
    global n_compared
    n_compared += 1
    if ours != theirs:
        problems.append(f"{place}: ours {str(ours)[:200]}, TensorBoard's {str(theirs)[:200]}")


def near(place, ours, theirs):
    """Notes a difference beyond single precision in numbers, lists of them and lists of such."""
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for idx, (one, other) in enumerate(zip(ours, theirs)):
            near(f"{place}[{idx}]", one, other)
        return
    if isinstance(ours, list) or not math.isclose(
        ours, theirs, rel_tol=SINGLE_TOLERANCE, abs_tol=1e-9
    ):
        expect(place, ours, theirs)


def single(value):
    """A number in single precision; names of numbers that JSON has not stay."""
    return value if isinstance(value, str) else struct.unpack("f", struct.pack("f", value))[0]


def number(value):
    """A number as our reader prints it."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def read(reader, folder):
    """What our reader says of a log directory."""
    return json.loads(subprocess.run([reader, folder], check=True, capture_output=True).stdout)


def tags_of(runs, kind):
    """Runs and tags of a kind, with what we read of them."""
    for run, read_run in runs.items():
        for tag, read_tag in read_run["tags"].items():
            if read_tag["kind"] == kind:
                yield run, tag, read_tag


def shown(tag):
    """The values that TensorBoard shows, with step and time."""
    return [tag["values"][idx] for idx in tag["shown_positions"]]


def compare_scalars(board, runs):
    for run, tag, ours in tags_of(runs, "scalars"):
        place = f"{board.address} {run} {tag}"
        if tag.startswith("types/"):
            continue
        theirs = board.plugin("scalars", "scalars", run, tag)
        # The reader in Python keeps what a restart did again, both times.
        kept = ours["shown"] if board.fast else ours["points"]
        points = [[time, step, single(value)] for step, time, value in kept]
        expect(place, points, theirs)


def compare_histograms(board, runs):
    for run, tag, ours in tags_of(runs, "histograms"):
        place = f"{board.address} {run} {tag}"
        theirs = board.plugin("histograms", "histograms", run, tag)
        expect(f"{place} steps", [row[0] for row in shown(ours)], [row[1] for row in theirs])
        for (_, time, value), (their_time, _, buckets) in zip(shown(ours), theirs):
            expect(place, time, their_time)
            if board.fast and run.startswith("torch"):
                # The data server keeps the empty buckets at the ends, between edges that are out of order.
                near(place, inner(value["buckets"]), inner(buckets))
            else:
                near(place, value["buckets"], buckets)
        theirs = board.plugin("distributions", "distributions", run, tag)
        for (_, _, value), (_, _, points) in zip(shown(ours), theirs):
            # Without values TensorBoard draws zeros. Of equal values it draws the whole range.
            has_spread = value["buckets"] and value["buckets"][0][2] > 0
            if has_spread:
                near(f"{place} distribution", value["distribution"], [y for _, y in points])


def inner(buckets):
    """Buckets that have values, and those between them, without the outermost edges."""
    filled = [idx for idx, (_, _, count) in enumerate(buckets) if count > 0]
    kept = buckets[filled[0] : filled[-1] + 1]
    return [[right, count] for _, right, count in kept[:-1]] + [[kept[-1][2]]]


def compare_images(board, runs):
    for run, tag, ours in tags_of(runs, "images"):
        for sample in range(max(len(value["encoded"]) for _, _, value in shown(ours))):
            theirs = board.plugin("images", "images", run, tag, sample=sample)
            for (step, time, value), image in zip(shown(ours), theirs, strict=True):
                place = f"{board.address} {run} {tag} {step}"
                expect(place, [step, time], [image["step"], image["wall_time"]])
                encoded = board.fetch(f"plugin/images/individualImage?{image['query']}")
                expect(place, value["encoded"][sample], encoded.hex())


def compare_audio(board, runs):
    for run, tag, ours in tags_of(runs, "audio"):
        theirs = board.plugin("audio", "audio", run, tag, sample=0)
        for (step, time, clips), sound in zip(shown(ours), theirs, strict=True):
            place = f"{board.address} {run} {tag} {step}"
            expect(place, [step, time], [sound["step"], sound["wall_time"]])
            encoded = board.fetch(f"plugin/audio/individualAudio?{sound['query']}")
            expect(place, clips[0][0], encoded.hex())


def compare_texts(board, runs):
    for run, tag, ours in tags_of(runs, "text"):
        theirs = board.plugin("text", "text", run, tag)
        for (step, time, value), text in zip(shown(ours), theirs, strict=True):
            place = f"{board.address} {run} {tag} {step}"
            expect(place, [step, time], [text["step"], text["wall_time"]])
            # TensorBoard answers with HTML; the words are ours.
            words = [word.strip("*") for cell in value["texts"] for word in cell.split()]
            missing = [word for word in words if word.replace("**", "") not in strip_marks(text["text"])]
            expect(f"{place} words", missing, [])


def strip_marks(html):
    """Text without the marks of emphasis that Markdown becomes."""
    for mark in ("<em>", "</em>", "<strong>", "</strong>"):
        html = html.replace(mark, "")
    return html


def compare_pr_curves(board, runs):
    for run, tag, ours in tags_of(runs, "pr_curves"):
        theirs = board.plugin("pr_curves", "pr_curves", run, tag)[run]
        for (step, time, curve), entry in zip(shown(ours), theirs, strict=True):
            place = f"{board.address} {run} {tag} {step}"
            expect(place, [step, time], [entry["step"], entry["wall_time"]])
            # TensorBoard leaves out thresholds that no score reaches.
            n_reached = len(entry["precision"])
            reached = curve["true_positives"], curve["false_positives"]
            expect(place, [sum(counts[n_reached:]) for counts in reached], [0.0, 0.0])
            for key in curve:
                near(f"{place} {key}", curve[key][:n_reached], entry[key])


def compare_hparams(board, runs):
    body = {
        "experimentName": "",
        "allowedStatuses": [
            f"STATUS_{status}" for status in ("UNKNOWN", "RUNNING", "SUCCESS", "FAILURE")
        ],
        "colParams": [],
        "startIndex": 0,
        "sliceSize": 50,
    }
    groups = board.json("plugin/hparams/session_groups", body=body)["sessionGroups"]
    theirs = {
        session["name"]: (group["hparams"], session.get("status"))
        for group in groups
        for session in group["sessions"]
    }
    ours = {
        run: (read["hparams"]["values"], f"STATUS_{read['hparams']['status'].upper()}")
        for run, read in runs.items()
        if read["hparams"]
    }
    expect(f"{board.address} hparams", ours, theirs)


def compare_others(board, runs):
    has_layout = any(True for _ in tags_of(runs, "custom_scalars"))
    layout = board.plugin("custom_scalars", "layout")
    titles = [chart["title"] for group in layout["category"] for chart in group["chart"]]
    expect(f"{board.address} has a layout", has_layout, bool(titles))
    for run, tag, _ in tags_of(runs, "graphs"):
        graph = board.fetch("plugin/graphs/graph", {"run": run, "conceptual": "false"})
        expect(f"{board.address} {run} {tag}", True, b"node {" in graph)


def compare_served(runs, folder, fast):
    """Compares everything with a TensorBoard of the folder."""
    kinds = ("scalars", "histograms", "images", "audio", "text", "pr_curves")

    def missing(board):
        listed = {kind: board.plugin(kind, "tags") for kind in kinds}
        return [
            (kind, run, tag)
            for kind in kinds
            for run, tag, _ in tags_of(runs, kind)
            if tag not in listed[kind].get(run, []) and not tag.startswith("types/")
        ]

    with TensorBoard(folder, fast) as board:
        board.wait_until_loaded(missing)
        before = n_compared
        compare_scalars(board, runs)
        compare_histograms(board, runs)
        compare_images(board, runs)
        compare_audio(board, runs)
        compare_texts(board, runs)
        compare_pr_curves(board, runs)
        compare_hparams(board, runs)
        compare_others(board, runs)
        name = "data server" if fast else "reader in Python"
        print(f"{folder.name}: {n_compared - before} answers of TensorBoard's {name} compared")


def compare_accumulated(runs, folder):
    """Compares all points, those that TensorBoard's interface drops too, with `EventAccumulator`."""
    everything = dict.fromkeys(event_accumulator.DEFAULT_SIZE_GUIDANCE, 0)
    n_points = 0
    for run, read_run in runs.items():
        theirs = event_accumulator.EventAccumulator(
            str(folder / run), everything, purge_orphaned_data=False
        )
        theirs.Reload()
        listed = theirs.Tags()
        for tag, ours in read_run["tags"].items():
            # TensorBoard itself cannot read every type of number.
            if ours["kind"] != "scalars" or tag.startswith("types/"):
                continue
            if tag in listed["scalars"]:
                points = [[e.step, e.wall_time, number(e.value)] for e in theirs.Scalars(tag)]
            else:
                points = [
                    [e.step, e.wall_time, number(float(tensor_util.make_ndarray(e.tensor_proto)))]
                    for e in theirs.Tensors(tag)
                ]
            n_points += len(points)
            expect(f"EventAccumulator {run} {tag}", ours["points"], points)
    print(f"{folder.name}: {n_points} points of EventAccumulator compared")


def check_types(tags):
    """Compares numbers of other types than single floats with what was written."""
    for name, value in logs.NUMBER_TYPES.items():
        expect(name, tags[f"types/{name}"]["points"], [[1, logs.BEGUN + 1 / 8, float(value)]])


def main():
    reader, writer = sys.argv[1:]
    with tempfile.TemporaryDirectory() as temporary:
        real, own = Path(temporary) / "real", Path(temporary) / "own"
        logs.by_tensorboardx(real)
        logs.by_tensorboard(real)
        png, wav = Path(temporary) / "4x4.png", Path(temporary) / "tone.wav"
        png.write_bytes(logs.png())
        wav.write_bytes(logs.wav())
        subprocess.run([writer, own, png, wav], check=True)
        for folder in (real, own):
            runs = read(reader, folder)
            for run, read_run in runs.items():
                expect(f"damage of {run}", read_run["damage"], [])
            if folder == real:
                check_types(runs["tf/train"]["tags"])
            compare_accumulated(runs, folder)
            compare_served(runs, folder, fast=True)
            compare_served(runs, folder, fast=False)
    for problem in problems[:20]:
        print(problem)
    if problems:
        sys.exit(f"{len(problems)} differences")
    print(f"{n_compared} comparisons, no difference")


if __name__ == "__main__":
    main()

"""Log directories as real writers make them: tensorboardX, and TensorBoard's own writer."""

import io
import struct
import wave

import numpy as np
from PIL import Image
from tensorboard.compat.proto import event_pb2, summary_pb2, types_pb2
from tensorboard.plugins.audio import metadata as audio_metadata
from tensorboard.plugins.histogram import summary_v2 as histogram_summary
from tensorboard.plugins.image import metadata as image_metadata
from tensorboard.plugins.scalar import metadata as scalar_metadata
from tensorboard.plugins.scalar import summary_v2 as scalar_summary
from tensorboard.plugins.text import summary_v2 as text_summary
from tensorboard.plugins.pr_curve import metadata as pr_curve_metadata
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util import tensor_util
from tensorboardX import SummaryWriter

BEGUN = 1_714_521_600.0

# Types of a number that a scalar may have, beside the usual float32. TensorBoard's user interface lists
# their tags without points.
NUMBER_TYPES = {
    "float64": -0.1,
    "float16": -2.5,
    "int8": -3,
    "uint8": 250,
    "int16": -300,
    "uint16": 60_000,
    "int32": -70_000,
    "uint32": 4_000_000_000,
    "int64": -(2**40),
    "uint64": 2**50,
    "bool": True,
}


def png() -> bytes:
    """An image of four by four pixels."""
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, format="PNG")
    return out.getvalue()


def wav() -> bytes:
    """A tone of a tenth of a second."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
        tone = np.sin(np.arange(800) / 5) * 20_000
        sound.writeframes(b"".join(struct.pack("<h", int(value)) for value in tone))
    return out.getvalue()


def by_tensorboardx(folder):
    """Values of the first format, as PyTorch writes them too."""
    rng = np.random.default_rng(5)
    with SummaryWriter(str(folder / "torch")) as writer:
        for step in range(300):
            writer.add_scalar("loss", np.exp(-step / 100) + rng.normal() / 50, step)
            if step % 50 == 0:
                writer.add_histogram("layer/weights", rng.normal(size=1_000), step)
                writer.add_histogram("layer/few", np.array([1.0, 1.0, 3.0]), step, bins=5)
                writer.add_image("picture", rng.integers(0, 255, (3, 8, 6), dtype=np.uint8), step)
                writer.add_text("note", f"step *{step}*", step)
                labels, scores = rng.integers(0, 2, 500), rng.uniform(size=500)
                writer.add_pr_curve("curve", labels, scores, step, num_thresholds=33)
        writer.add_scalar("special", float("nan"), 0)
        writer.add_scalar("special", float("inf"), 1)
        writer.add_scalar("special", float("-inf"), 2)
        writer.add_scalar("", 1.0, 0)
        writer.add_scalar("🎈 " + "long" * 80, 1.0, 2**53 + 1)
        writer.add_scalar("negative step", 1.0, -5)
        writer.add_scalars("several", {"a": 0.5, "b": 0.75}, 3)
        writer.add_custom_scalars({"group": {"chart": ["Multiline", ["loss", "special"]]}})
        writer.add_hparams({"rate": 0.1, "name": "adam", "nesterov": True}, {"accuracy": 0.9})
        for step in [0, 1, 2, 3, 4, 2, 3, 4, 5, 5]:
            writer.add_scalar("restarted", rng.normal(), step)


def tensor_value(tag, metadata, tensor):
    """A summary of one tensor."""
    value = summary_pb2.Summary.Value(tag=tag, metadata=metadata, tensor=tensor)
    return summary_pb2.Summary(value=[value])


def by_tensorboard(folder):
    """Values as tensors, as TensorFlow and Keras write them too."""
    rng = np.random.default_rng(6)
    writer = EventFileWriter(str(folder / "tf" / "train"))

    def add(summary, step):
        event = event_pb2.Event(wall_time=BEGUN + step / 8, step=step, summary=summary)
        writer.add_event(event)

    for step in range(300):
        add(scalar_summary.scalar_pb("epoch_loss", np.exp(-step / 100), "the *loss*"), step)
        if step % 50 == 0:
            add(histogram_summary.histogram_pb("kernel", rng.normal(size=1_000)), step)
            add(histogram_summary.histogram_pb("empty", []), step)
            add(histogram_summary.histogram_pb("equal", [2.0, 2.0]), step)
            add(text_summary.text_pb("table", [["a", "b"], ["c", f"{step}"]]), step)
    for name, number in NUMBER_TYPES.items():
        tensor = tensor_util.make_tensor_proto(np.array(number, dtype=name))
        add(tensor_value(f"types/{name}", scalar_metadata.create_summary_metadata("", ""), tensor), 1)
    # The metadata are written once, with the first value.
    tensor = tensor_util.make_tensor_proto(np.float32(0.5))
    add(tensor_value("once", scalar_metadata.create_summary_metadata("", ""), tensor), 1)
    add(tensor_value("once", None, tensor), 2)

    texts = [b"4", b"4", png(), png()]
    tensor = tensor_util.make_tensor_proto(texts, dtype=types_pb2.DT_STRING)
    metadata = image_metadata.create_summary_metadata("", "", converted_to_tensor=None)
    add(tensor_value("pictures", metadata, tensor), 1)
    tensor = tensor_util.make_tensor_proto([[wav(), b"a *tone*"]], dtype=types_pb2.DT_STRING)
    encoding = audio_metadata.Encoding.Value("WAV")
    metadata = audio_metadata.create_summary_metadata("", "", encoding, converted_to_tensor=None)
    add(tensor_value("tone", metadata, tensor), 1)
    rows = np.array([[9, 4], [6, 1], [0, 5], [0, 5], [0.6, 0.8], [1, 0.5]], dtype=np.float32)
    metadata = pr_curve_metadata.create_summary_metadata("", "", num_thresholds=2)
    add(tensor_value("curve", metadata, tensor_util.make_tensor_proto(rows)), 1)

    writer.add_event(event_pb2.Event(wall_time=BEGUN, graph_def=b"\n\x07\n\x01x\x12\x02Op"))
    log = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
    writer.add_event(event_pb2.Event(wall_time=BEGUN + 100, step=250, session_log=log))
    writer.close()

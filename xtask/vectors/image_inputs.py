"""Shared inputs that are images or boxes in them."""

import zlib

import numpy as np


def rng(name):
    return np.random.default_rng(zlib.crc32(name.encode()))


def image(detections, targets):
    """Boxes of one image: class, score (for detections), x_min, y_min, x_max, y_max; None where not known."""
    return {"prediction": detections, "target": targets}


def detected(name, n_images, classes, found=0.8, noise=2.0, spurious=0.3, objects=3.0):
    """Images of a detector. Coordinates are multiples of 1/4, scores differ all over the case."""
    source = rng("detected/" + name)
    images = []
    n_scores = 1 + int(8 * n_images * (1 + objects))
    scores = iter(source.permutation(n_scores) / n_scores)
    rounded = lambda values: [float(value) for value in np.round(np.asarray(values) * 4) / 4]
    for _ in range(n_images):
        targets, detections = [], []
        for _ in range(source.poisson(objects)):
            x, y, width, height = source.uniform([0, 0, 8, 8], [200, 200, 80, 80])
            kind = str(source.choice(classes))
            targets.append([kind, *rounded([x, y, x + width, y + height])])
            if source.random() < found:
                moved = np.array([x, y, x + width, y + height]) + source.normal(0, noise, 4)
                moved[2:] = np.maximum(moved[2:], moved[:2] + 1)
                score = 0.4 + 0.6 * next(scores)
                detections.append([kind, round(float(score), 6), *rounded(moved)])
                if source.random() < 0.15:
                    again = moved + source.normal(0, noise, 4)
                    again[2:] = np.maximum(again[2:], again[:2] + 1)
                    detections.append([kind, round(float(0.8 * next(scores)), 6), *rounded(again)])
        for _ in range(source.poisson(spurious)):
            x, y, width, height = source.uniform([0, 0, 8, 8], [200, 200, 80, 80])
            kind = str(source.choice(classes))
            score = round(float(0.7 * next(scores)), 6)
            detections.append([kind, score, *rounded([x, y, x + width, y + height])])
        images.append(image(detections, targets))
    return {"images": images}


def detection_cases():
    good = detected("good", 25, ["car", "cat", "dog"])
    crowd = [["car", round(0.3 + 0.005 * i, 6), 0.0, 0.0, 10.0 + i / 4, 10.0] for i in range(130)]
    square = ["cat", 0.0, 0.0, 10.0, 10.0]
    return {
        "empty": {"images": []},
        "no_boxes": {"images": [image([], []), image([], [])]},
        "one_right": {"images": [image([["cat", 0.9, 0.0, 0.0, 10.0, 10.0]], [square])]},
        "one_wrong": {"images": [image([["cat", 0.9, 20.0, 0.0, 30.0, 10.0]], [square])]},
        "wrong_class": {"images": [image([["dog", 0.9, 0.0, 0.0, 10.0, 10.0]], [square])]},
        "no_detections": {"images": [image([], [square]), image([], [square])]},
        "no_targets_there": {"images": [image([["cat", 0.9, 0.0, 0.0, 10.0, 10.0]], [])]},
        "thresholds_hit_exactly": {
            "images": [
                image([["cat", 0.9 - i / 50, 0.0, 0.0, 5.0 + i / 2, 10.0]], [square]) for i in range(11)
            ]
        },
        "two_for_one": {
            "images": [
                image(
                    [["cat", 0.6, 0.0, 0.0, 10.0, 10.0], ["cat", 0.7, 0.0, 0.0, 8.0, 10.0]], [square]
                ),
                image(
                    [["cat", 0.8, 0.0, 0.0, 9.0, 10.0], ["cat", 0.5, 0.0, 0.0, 10.0, 10.0]],
                    [square, ["cat", 0.0, 0.0, 10.0, 9.0]],
                ),
            ]
        },
        "equal_overlaps": {
            "images": [
                image(
                    [["cat", 0.9, 2.0, 0.0, 12.0, 10.0], ["cat", 0.8, 4.0, 0.0, 14.0, 10.0]],
                    [["cat", 0.0, 0.0, 10.0, 10.0], ["cat", 4.0, 0.0, 14.0, 10.0]],
                )
            ]
        },
        "more_than_a_hundred": {
            "images": [image(crowd, [["car", 0.0, 0.0, 12.0, 10.0], ["car", 0.0, 0.0, 40.0, 10.0]])]
        },
        "flat_box": {
            "images": [image([["cat", 0.9, 0.0, 0.0, 0.0, 10.0]], [["cat", 0.0, 0.0, 0.0, 10.0], square])]
        },
        "good": good,
        "poor": detected("poor", 25, ["car", "cat", "dog"], found=0.5, noise=7.0, spurious=2.0),
        "one_class": detected("one", 30, ["face"], found=0.9, noise=1.0),
        "rare_class": detected("rare", 30, ["car"] * 12 + ["bus"], objects=2.0),
        "class_never_there": {
            "images": good["images"][:5]
            + [image([["owl", 0.111111, 0.0, 0.0, 9.0, 9.0]], [["cat", 0.0, 0.0, 10.0, 10.0]])]
        },
        "some_unknown": {
            "images": [
                image(None if i % 5 == 1 else part["prediction"], None if i % 5 == 2 else part["target"])
                for i, part in enumerate(good["images"])
            ]
        },
        "no_targets": {"images": [image(part["prediction"], None) for part in good["images"][:4]]},
        "no_predictions": {"images": [image(None, part["target"]) for part in good["images"][:4]]},
    }


def picture(pixels):
    pixels = np.clip(np.round(np.asarray(pixels, float)), 0, 255).astype(int)
    height, width, _ = pixels.shape
    return {"width": width, "height": height, "pixels": [int(value) for value in pixels.ravel()]}


def described_images():
    """Single images for descriptors."""
    y, x = np.mgrid[0:9, 0:12]
    grey = lambda values: np.repeat(np.asarray(values, float)[..., None], 3, -1)
    noise = rng("image/noise").integers(0, 256, (8, 10, 3))
    return {
        "black": picture(np.zeros((4, 6, 3))),
        "white": picture(np.full((6, 4, 3), 255)),
        "one_pixel": picture([[[10, 200, 30]]]),
        "one_row": picture([[[10, 200, 30], [0, 0, 0], [255, 1, 128], [9, 9, 9]]]),
        "one_column": picture([[[10, 20, 30]], [[200, 0, 0]], [[0, 0, 255]]]),
        "two_by_two": picture([[[0, 0, 0], [255, 255, 255]], [[255, 0, 0], [0, 0, 255]]]),
        "ramp": picture(grey(20 * x)),
        "checks": picture(grey(255 * ((x + y) % 2))),
        "noise": picture(noise),
        "dark_noise": picture(noise / 16),
        "tinted": picture(noise * [1.0, 0.6, 0.2]),
        "edge": picture(np.where((x > 5)[..., None], [240, 30, 30], [20, 160, 90])),
    }

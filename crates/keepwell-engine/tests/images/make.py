"""Writes the images of this folder, and what Pillow and NumPy say of each.

Run in this folder with the packages of xtask/vectors/requirements.txt and Pillow.
"""

import json

import numpy as np
import PIL
import scipy.ndimage
from PIL import Image


def describe(image):
    pixels = np.asarray(image.convert("RGB"), float)
    grey = pixels @ [0.299, 0.587, 0.114]
    red, green, blue = np.moveaxis(pixels, -1, 0)
    first, second = red - green, (red + green) / 2 - blue
    return {
        "aspect_ratio": image.width / image.height,
        "blue_mean": blue.mean() / 255,
        "brightness": grey.mean() / 255,
        "colourfulness": np.hypot(first.std(), second.std())
        + 0.3 * np.hypot(first.mean(), second.mean()),
        "contrast": grey.std() / 255,
        "green_mean": green.mean() / 255,
        "red_mean": red.mean() / 255,
        "saturation": saturation(pixels),
        "sharpness": scipy.ndimage.laplace(grey, mode="mirror").var(),
    }


def saturation(pixels):
    most, least = pixels.max(-1), pixels.min(-1)
    return np.where(most > 0, (most - least) / np.where(most > 0, most, 1), 0).mean()


expected = {}


def save(image, name, **options):
    image.save(name, **options)
    expected[name] = describe(Image.open(name))


y, x = np.mgrid[0:48, 0:64]
bands = [(x * 3 + 20) % 256, (y * 4 + x) % 256, (x * y // 8) % 256]
colours = Image.fromarray(np.stack(bands, -1).astype(np.uint8))
transparent = colours.convert("RGBA")
transparent.putalpha(Image.fromarray(((x * 4) % 256).astype(np.uint8)))

save(colours, "colours.png")
save(colours.convert("L"), "grey.png")
save(colours.convert("LA"), "grey_alpha.png")
save(colours.convert("1"), "one_bit.png")
save(colours.quantize(32), "palette.png")
save(transparent, "transparent.png")
save(colours, "colours.gif")
save(colours, "colours.bmp")
save(colours, "lossless.webp", lossless=True)
save(colours, "lossy.webp", quality=80)
save(colours, "quality_90.jpg", quality=90)
save(colours, "subsampled.jpg", quality=75, subsampling=2)
save(colours, "progressive.jpg", quality=90, progressive=True)
save(colours.convert("L"), "grey.jpg", quality=90)
save(colours.convert("CMYK"), "cmyk.jpg", quality=95)

# Sixteen bits, cut to eight.
deep = np.asarray(colours.convert("L")).astype(np.uint16) * 256 + 77
Image.fromarray(deep).save("deep.png")
expected["deep.png"] = describe(colours.convert("L"))

with open("expected.json", "w") as file:
    json.dump({"pillow": PIL.__version__, "numpy": np.__version__, "images": expected}, file, indent=1)

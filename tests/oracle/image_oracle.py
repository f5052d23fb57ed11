#!/usr/bin/python3
"""image_oracle.py FOLDER: image files, and beside each NAME what Pillow reads of it: NAME.raw, a line "channels height width tolerance",
then the bytes, channel after channel. Run by test_images.c with Debian's Pillow (9.4.0), which decodes JPEG with libjpeg-turbo, too."""

import os
import sys

try:
    import numpy
    from PIL import Image, ImageOps
except ImportError:
    sys.exit(77)

FOLDER = sys.argv[1]
DRAW = numpy.random.default_rng(7)


def scene(height, width):
    """Soft hills, an edge and a little noise, as of a photograph."""
    y, x = numpy.mgrid[0:height, 0:width]
    base = [110 + 90 * numpy.sin(x / (5 + c) + c) * numpy.cos(y / (7 - c)) for c in range(3)]
    colours = numpy.stack(base, axis=-1) + DRAW.normal(0, 6, (height, width, 3))
    colours[height // 3:height // 2, width // 4:] += 60
    return numpy.clip(colours, 0, 255).astype("u1")


def expect(name, mode, size=None, tolerance=0):
    """In this mode and, if given, (height, width)."""
    with Image.open(os.path.join(FOLDER, name)) as file:
        seen = ImageOps.exif_transpose(file).convert(mode)
    if size:
        seen = seen.resize((size[1], size[0]), Image.Resampling.BILINEAR)
    values = numpy.asarray(seen)
    values = values.transpose(2, 0, 1) if values.ndim == 3 else values[None]
    suffix = f"{mode}-{size[0]}x{size[1]}" if size else mode
    with open(os.path.join(FOLDER, f"{name}@{suffix}.raw"), "wb") as out:
        out.write(f"{values.shape[0]} {values.shape[1]} {values.shape[2]} {tolerance}\n".encode() + values.tobytes())


def save(name, image, **options):
    image.save(os.path.join(FOLDER, name), **options)


def of_png():
    colours = Image.fromarray(scene(37, 53))
    pictures = {"rgb.png": colours, "grey.png": colours.convert("L"), "bits.png": colours.convert("1"),
                "palette.png": colours.convert("P", palette=Image.Palette.ADAPTIVE, colors=61),
                "few.png": colours.convert("P", palette=Image.Palette.ADAPTIVE, colors=4)}
    alpha = colours.copy()
    alpha.putalpha(Image.fromarray(scene(37, 53)[..., 0]))
    pictures["alpha.png"] = alpha
    pictures["grey-alpha.png"] = alpha.convert("LA")
    for name, picture in pictures.items():
        save(name, picture)
        expect(name, "L" if name.startswith(("grey", "bits")) else "RGB")
    save("clear.png", pictures["palette.png"], transparency=3)
    expect("clear.png", "RGB")
    save("gamma.png", colours, icc_profile=b"not a profile")
    expect("gamma.png", "RGB")
    for size in ((37, 20), (11, 13), (74, 106), (50, 20), (1, 1), (5, 90)):
        expect("rgb.png", "RGB", size)
        expect("grey.png", "L", size)
    expect("rgb.png", "L")
    expect("grey.png", "RGB")


def of_jpeg():
    for i, options in enumerate(({"quality": 95, "subsampling": 0}, {"quality": 80}, {"quality": 60, "progressive": True},
                                 {"quality": 90, "subsampling": 1, "optimize": True}, {"quality": 75, "restart_marker_rows": 1})):
        name = f"photo{i}.jpg"
        save(name, Image.fromarray(scene(45 + i, 70 - i)), **options)
        expect(name, "RGB", tolerance=2)
        expect(name, "RGB", (32, 32), tolerance=2)
        expect(name, "L", tolerance=2)
    save("grey.jpg", Image.fromarray(scene(33, 31)[..., 0]), quality=85)
    expect("grey.jpg", "L", tolerance=2)
    for turn in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = turn
        exif[0x010F] = "a maker of cameras"
        save(f"turned{turn}.jpg", Image.fromarray(scene(20, 30)), quality=90, exif=exif)
        expect(f"turned{turn}.jpg", "RGB", tolerance=2)


of_png()
of_jpeg()

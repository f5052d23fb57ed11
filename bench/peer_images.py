"""Reading a folder of images: hone's data set beside a loop over Pillow, in turn, on the same files.

    peer_images.py --hone build/release/bench/bench_images [--images 2000] [--side 128] [--rounds 5]

JPEG files of two classes, as a photograph (soft hills, an edge, noise), are made in a temporary folder. Pillow opens each, converts it to
RGB, resizes it if asked to (BILINEAR), and NumPy stacks them. Both as they are and resized to half of the side; seconds of the
clock (hone decodes on all cores, the loop on one) and of the processor. Prints the medians of the rounds and of their ratios.
"""
import argparse
import glob
import json
import os
import statistics
import subprocess
import tempfile
import time

import numpy
import PIL
from PIL import Image


def make_images(folder, count, side):
    draw = numpy.random.default_rng(1)
    y, x = numpy.mgrid[0:side, 0:side]
    for name in ("one", "two"):
        os.mkdir(os.path.join(folder, name))
    for i in range(count):
        phase = draw.uniform(0, 6, 3)
        hills = [110 + 90 * numpy.sin(x / (11 + c) + phase[c]) * numpy.cos(y / (17 - c) + phase[c]) for c in range(3)]
        colours = numpy.stack(hills, axis=-1) + draw.normal(0, 5, (side, side, 3))
        colours[side // 3:side // 2, i % side:] += 60
        photo = Image.fromarray(numpy.clip(colours, 0, 255).astype("u1"))
        photo.save(os.path.join(folder, ("one", "two")[i % 2], f"{i:05}.jpg"), quality=85)


def of_pillow(folder, side):
    clock, worked = time.perf_counter(), time.process_time()
    rows = []
    for path in sorted(glob.glob(os.path.join(folder, "*", "*.jpg"))):
        with Image.open(path) as file:
            image = file.convert("RGB")
        rows.append(numpy.asarray(image.resize((side, side), Image.Resampling.BILINEAR) if side else image))
    stacked = numpy.stack(rows)
    return {"seconds": time.perf_counter() - clock, "processor_seconds": time.process_time() - worked, "sum": int(stacked.sum())}


def of_hone(program, folder, side):
    command = [program, folder] + ([str(side)] if side else [])
    return json.loads(subprocess.run(command, check=True, capture_output=True, encoding="ascii").stdout)


def compare(program, folder, side, rounds, what):
    figures = {"seconds": [], "processor_seconds": []}
    for _ in range(rounds):
        ours, peer = of_hone(program, folder, side), of_pillow(folder, side)
        assert ours["sum"] == peer["sum"], (ours, peer)  # the same pixels
        for figure, pairs in figures.items():
            pairs.append((ours[figure], peer[figure]))
    for figure, pairs in figures.items():
        ours, peer = (statistics.median(pair[i] for pair in pairs) for i in (0, 1))
        ratio = statistics.median(b / a for a, b in pairs)
        print(f"{what}, {figure}: hone {ours:.3f}, Pillow {PIL.__version__} {peer:.3f}: {ratio:.2f} times")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hone", required=True, help="the built bench_images")
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--side", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        make_images(folder, options.images, options.side)
        form = f"{options.images} JPEG files of {options.side} x {options.side}"
        compare(options.hone, folder, 0, options.rounds, form)
        compare(options.hone, folder, options.side // 2, options.rounds, f"{form}, resized to {options.side // 2} x {options.side // 2}")


main()

#!/usr/bin/python3
"""`hone plot -o`: pictures of studies of every kind of awkwardness are whole files of their format and size."""

import ctypes
import os
import random
import struct
import subprocess
import tempfile
import xml.etree.ElementTree
import zlib

import plot_studies
from hone_test import refuse, run, skip, tier
from plot_studies import choices, distribution, imported, trial

STORAGE = "sqlite:///plots.db"
KINDS = ("history", "scatter", "slice", "intermediate", "parallel", "rank", "edf", "timeline")


def awkward():
    draw = random.Random(5)
    unit = distribution(0, 1)

    def of(names, values, n=None):
        return [trial(i, v, params={name: draw.random() for name in names}) for i, v in enumerate(values[:n])]

    def values(n):
        return [draw.random() for _ in range(n)]

    sixty = [f"parameter_{i}" for i in range(60)]
    long = [("a very long name " * 12)[:199] + str(i) for i in range(3)]
    yield "empty", {}, []
    yield "one trial", {"x": unit}, of(["x"], [1.0])
    yield "all failed", {"x": unit}, [trial(i, None, "failed", params={"x": draw.random()}) for i in range(4)]
    yield "running", {"x": unit}, [trial(i, None, "running", params={"x": draw.random()}) for i in range(2)]
    yield "no parameter", {}, of([], values(5))
    yield "one parameter", {"x": unit}, of(["x"], values(30))
    yield "equal values", {"x": unit}, of(["x"], [2.0] * 5)
    yield "sixty", dict.fromkeys(sixty, unit), of(sixty, values(20))
    yield "infinite", {"x": unit}, [
        {**t, "reports": [[0, float("nan")], [1, 2.0], [2, float("inf")]]}
        for t in of(["x"], [float("inf"), -float("inf"), 1.0, 2.0])]
    yield "only infinite", {"x": unit}, of(["x"], [float("inf")] * 3)
    yield "huge", {"x": unit}, of(["x"], [1.7e308, -1.7e308, 0.0, 5e-324, 1.0])
    yield "decades", {"x": distribution(1e-7, 1e7, True)}, [
        trial(i, v, params={"x": v}) for i, v in enumerate(10 ** draw.uniform(-6, 6) for _ in range(50))]
    yield long[0], {**dict.fromkeys(long, unit), "c": choices("short", long[1])}, [
        {**t, "params": {**t["params"], "c": draw.choice(["short", long[1]])}} for t in of(long, values(12))]
    yield "עברית 🎉 <script>&amp;\t\u0007", {"דיוק הדגם": unit, "🚀 lr 🔥": distribution(1e-6, 1, True),
                                         "معدل": choices("قليل", "كثير", "日本語")}, [
        trial(i, draw.random(), params={"דיוק הדגם": draw.random(), "🚀 lr 🔥": 10 ** draw.uniform(-5, 0),
                                        "معدل": draw.choice(["قليل", "كثير", "日本語"])}) for i in range(12)]
    many = [f"choice number {i}" for i in range(40)]
    yield "many choices", {"c": choices(*many)}, [
        trial(i, draw.random(), params={"c": many[i % 40]}) for i in range(60)]


def png(path):
    """Width and height, after every chunk's checksum and the compressed size were checked; the rows as bytes."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", path
    at, compressed = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        assert zlib.crc32(kind + body) == struct.unpack(">I", data[at + 8 + size:at + 12 + size])[0], path
        if kind == b"IHDR":
            width, height, depth, color = struct.unpack(">IIBB", body[:10])
        compressed += body if kind == b"IDAT" else b""
        at += 12 + size
    channels = {2: 3, 6: 4}[color]
    raw = zlib.decompress(compressed)
    assert depth == 8 and len(raw) == height * (1 + width * channels), path
    return width, height, channels, raw


def pixels(path):
    """The picture as rows of (red, green, blue)."""
    width, height, channels, raw = png(path)
    before, picture, line = bytearray(width * channels), [], width * channels
    for row in range(height):
        kind, now = raw[row * (line + 1)], bytearray(raw[row * (line + 1) + 1:(row + 1) * (line + 1)])
        for i in range(line):
            left, up = now[i - channels] if i >= channels else 0, before[i]
            corner = before[i - channels] if i >= channels else 0
            nearest = min((abs(up - corner), 0, left), (abs(left - corner), 1, up), (abs(left + up - 2 * corner), 2, corner))[2]
            now[i] = now[i] + (0, left, up, (left + up) // 2, nearest)[kind] & 255
        picture.append([tuple(now[i:i + 3]) for i in range(0, line, channels)])
        before = now
    return picture


def check_svg(path):
    root = xml.etree.ElementTree.parse(path).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg" and root.get("viewBox"), path
    for element in root.iter():
        for name, value in element.attrib.items():
            if name.endswith("href"):
                assert value.startswith(("#hone-", "data:image/png;base64,")), (path, value[:60])
            if name == "id":
                assert value.startswith("hone-"), (path, value)


def check_pdf(path):
    with open(path, "rb") as file:
        data = file.read()
    assert data.startswith(b"%PDF-1.") and data.rstrip().endswith(b"%%EOF"), path


def plot(kind, study, path, *options):
    result = run("plot", kind, "--study", study, "-s", STORAGE, "-o", path, *options)
    assert result.stdout == "" and result.stderr == "", (kind, study, result)


def check_awkward():
    for k, (name, distributions, trials) in enumerate(awkward()):
        imported(name, distributions, trials)
        for i, kind in enumerate(KINDS):
            if (i + k) % 3 and tier() != "long":
                continue
            # Formats, themes and sizes in turn.
            ending = ("png", "svg", "pdf")[(i + k // 3) % 3]
            size = (("--width", "300", "--height", "240"), ("--theme", "dark"), ())[(i + k // 2) % 3]
            plot(kind, name, f"p.{ending}", *size)
            {"png": png, "svg": check_svg, "pdf": check_pdf}[ending](f"p.{ending}")


def check_sizes():
    plot("history", "one parameter", "a.png", "--width", "400", "--height", "300", "--scale", "1")
    assert png("a.png")[:2] == (400, 300)
    plot("history", "one parameter", "b.png", "--width", "400", "--height", "300", "--scale", "2.5")
    assert png("b.png")[:2] == (1000, 750)
    plot("history", "one parameter", "c.svg", "--width", "400", "--height", "300")
    root = xml.etree.ElementTree.parse("c.svg").getroot()
    assert (root.get("viewBox"), root.get("width").removesuffix("px")) == ("0 0 400 300", "400"), root.attrib
    for theme, background in (("light", (255, 255, 255)), ("dark", (20, 24, 29))):
        plot("history", "one parameter", "d.png", "--theme", theme, "--width", "300", "--height", "200", "--scale", "1")
        assert pixels("d.png")[0][0] == background
    for says, *options in (("from 120", "--width", "50"), ("20000", "--height", "30000"), ("scale", "--scale", "100"),
                           ("million pixels", "--width", "15000", "--height", "15000")):
        refuse("plot", "history", "one parameter", "-s", STORAGE, "-o", "e.png", *options, code=2, says=says)
    assert not os.path.exists("e.png"), "a refused picture leaves no file"


def check_same():
    """The same study and options give the same bytes."""
    for path in ("one.svg", "two.svg"):
        plot("slice", "usual", path)
    with open("one.svg", "rb") as one, open("two.svg", "rb") as two:
        assert one.read() == two.read()


def check_outlier():
    """Of very many points none is lost: the only one that lies apart is painted."""
    draw = random.Random(7)
    n, apart = 12000, 7777
    trials = [trial(i, draw.random() + (9 if i == apart else 1)) for i in range(n)]
    imported("many", {}, trials)
    plot("history", "many", "many.png", "--width", "400", "--height", "400", "--scale", "1")
    picture = pixels("many.png")
    blue = [(x, y) for y, row in enumerate(picture) for x, (r, g, b) in enumerate(row) if b > 150 and r < 90 and y > 65]
    top = min(y for _, y in blue)
    highest = [x for x, y in blue if y <= top + 3]
    left, right = min(x for x, _ in blue), max(x for x, _ in blue)
    assert max(highest) - min(highest) <= 4, "one point stands alone above all"
    place = (sum(highest) / len(highest) - left) / (right - left)
    assert abs(place - apart / n) < 0.02, place
    assert min(y for x, y in blue if x not in highest) > top + 100


def check_missing_library():
    without = {**os.environ, "HONE_CAIRO": "/nowhere/libcairo.so.2"}
    said = run("plot", "history", "usual", "-s", STORAGE, "-o", "f.png", code=2, env=without).stderr
    assert "libcairo2" in said and "libpangocairo-1.0-0" in said and not os.path.exists("f.png"), said
    # Nothing but pictures asks for it.
    run("plot", "history", "usual", "-s", STORAGE, env=without)
    linked = subprocess.run(["ldd", os.environ["HONE_PROGRAM"]], capture_output=True, text=True, check=False).stdout
    assert "cairo" not in linked and "pango" not in linked


def main():
    try:
        ctypes.CDLL("libpangocairo-1.0.so.0")
    except OSError as error:
        skip(f"no Pango: {error}")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        plot_studies.usual()
        check_awkward()
        check_sizes()
        check_same()
        check_outlier()
        check_missing_library()


main()

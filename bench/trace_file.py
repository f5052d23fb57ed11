"""Trace files: what one sampler found on every problem, seed and trial (format in README.md)."""
import gzip
import math

FORMAT = "hone search trace 1"


class Trace:
    """header: {key: value}; rows: {(problem, seed): (optimum, median, [value of trial 0, 1, ...])}."""

    def __init__(self, header, rows):
        self.header, self.rows = header, rows

    @property
    def label(self):
        return f"{self.header['sampler']} {self.header['version']}"


def number(value):
    return f"{value:.6g}"


def format_row(problem, seed, optimum, median, values):
    return ",".join([problem, str(seed), number(optimum), number(median), *map(number, values)])


def parse_row(line):
    problem, seed, optimum, median, *values = line.split(",")
    return (problem, int(seed)), (float(optimum), float(median), [float(value) for value in values])


def read(path):
    opener = gzip.open if str(path).endswith(".gz") else open
    header, rows = {}, {}
    with opener(path, "rt", encoding="ascii") as file:
        first = file.readline().strip()
        if first != "# " + FORMAT:
            raise ValueError(f"{path}: starts with {first!r}, not with '# {FORMAT}'")
        for line in file:
            if not line.endswith("\n"):
                break  # cut off when its writer was killed
            line = line.strip()
            if line.startswith("# "):
                key, _, value = line[2:].partition(": ")
                header[key] = value
            elif line and not line.startswith("problem,"):
                key, row = parse_row(line)
                rows[key] = row
    for key in ("sampler", "version", "command"):
        if key not in header:
            raise ValueError(f"{path}: the header has no {key!r}")
    return Trace(header, rows)


def write(path, header, lines):
    """The same input gives the same bytes: no time stamp in the file."""
    text = [f"# {FORMAT}", *(f"# {key}: {value}" for key, value in header.items()),
            "problem,seed,optimum,median,values...", *lines]
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.write(("\n".join(text) + "\n").encode("ascii"))


def regret(row, n_trials):
    """(best of the first trials - optimum) / (median - optimum), clipped to [0, 1]; NaN values are lost trials."""
    optimum, median, values = row
    best = min((value for value in values[:n_trials] if not math.isnan(value)), default=math.inf)
    return min(max((best - optimum) / (median - optimum), 0.0), 1.0)

#!/usr/bin/python3
"""Writes some Fashion-MNIST images as a table: fashion.py 1500 train.csv, fashion.py 1000 test.csv --test.

The images come from Debian's package dataset-fashion-mnist. Each becomes 49 columns, the mean of each 4 x 4 square from 0 to 1, and
the column `class`.
"""

import gzip
import sys

FOLDER = "/usr/share/datasets/fashion-mnist"
SIDE, SQUARE = 28, 4


def read(name, header):
    with gzip.open(f"{FOLDER}/{name}-ubyte.gz") as file:
        return file.read()[header:]


def pool(image):
    """The means of the squares, row by row."""
    for top in range(0, SIDE, SQUARE):
        for left in range(0, SIDE, SQUARE):
            rows = (image[y * SIDE + left : y * SIDE + left + SQUARE] for y in range(top, top + SQUARE))
            yield sum(map(sum, rows)) / (SQUARE * SQUARE * 255)


def main():
    count, path = int(sys.argv[1]), sys.argv[2]
    part = "t10k" if "--test" in sys.argv[3:] else "train"
    images, labels = read(f"{part}-images-idx3", 16), read(f"{part}-labels-idx1", 8)
    size = SIDE * SIDE
    with open(path, "w", encoding="ascii") as file:
        columns = [f"p{i}" for i in range((SIDE // SQUARE) ** 2)]
        print(",".join(columns + ["class"]), file=file)
        for i in range(count):
            values = [f"{value:.4g}" for value in pool(images[i * size : (i + 1) * size])]
            print(",".join(values + [str(labels[i])]), file=file)


if __name__ == "__main__":
    main()

#!/usr/bin/python3
"""Runs a command in a terminal (tmux) and draws what stands there at the end as an SVG.

    tools/session_picture.py docs/session.svg --columns 90 --rows 24 'hone fit train.csv --target class'

The picture in the README is made so; nothing in it is drawn by hand. Needs Debian's package tmux.
"""
import argparse
import html
import re
import subprocess
import time

CELL, LINE, MARGIN = 8.43, 19, 14
BACKGROUND, FOREGROUND = "#16181d", "#d7dae0"
COLOURS = ["#5c6370", "#e06c75", "#8cc265", "#e5b567", "#61afef", "#c678dd", "#56b6c2", "#d7dae0"]


def tmux(*words):
    return subprocess.run(["tmux", "-L", "hone-picture", *words], check=True, capture_output=True, text=True).stdout


def screen_after(command, columns, rows):
    """The screen with its colours as escape sequences, when the command has ended."""
    tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows), f"{command}; sleep 3600")
    try:
        shell = tmux("list-panes", "-F", "#{pane_pid}").strip()
        for _ in range(600):
            time.sleep(0.1)
            children = subprocess.run(["pgrep", "-P", shell, "-l"], capture_output=True, text=True).stdout
            if children.split()[1:] == ["sleep"]:
                break
        return tmux("capture-pane", "-e", "-p").rstrip("\n").split("\n")
    finally:
        tmux("kill-server")


def spans(line):
    """(text, colour, bold, faint) pieces of a line with SGR sequences."""
    colour, bold, faint = FOREGROUND, False, False
    for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
        if not piece.startswith("\x1b"):
            if piece:
                yield piece, colour, bold, faint
            continue
        for code in (int(c or 0) for c in piece[2:-1].split(";")):
            if code == 0:
                colour, bold, faint = FOREGROUND, False, False
            elif code in (1, 2):
                bold, faint = bold or code == 1, faint or code == 2
            elif code == 39:
                colour = FOREGROUND
            elif 30 <= code <= 37 or 90 <= code <= 97:
                colour = COLOURS[code % 10]


def draw(lines, columns):
    width, height = round(columns * CELL + 2 * MARGIN), len(lines) * LINE + 2 * MARGIN
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
           f'viewBox="0 0 {width} {height}" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" '
           f'font-size="14" xml:space="preserve">')
    yield f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>'
    for row, line in enumerate(lines):
        column = 0
        for text, colour, bold, faint in spans(line):
            style = ' font-weight="bold"' * bold + ' opacity="0.6"' * faint
            if text.strip():
                yield (f'<text x="{MARGIN + column * CELL:.2f}" y="{MARGIN + (row + 0.75) * LINE:.1f}" '
                       f'fill="{colour}"{style} textLength="{len(text) * CELL:.2f}">{html.escape(text)}</text>')
            column += len(text)
    yield "</svg>"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("output")
    parser.add_argument("--columns", type=int, default=92)
    parser.add_argument("--rows", type=int, default=28)
    parser.add_argument("command")
    arguments = parser.parse_args()
    lines = screen_after(arguments.command, arguments.columns, arguments.rows)
    with open(arguments.output, "w", encoding="utf-8") as file:
        file.write("\n".join(draw(lines, arguments.columns)) + "\n")


if __name__ == "__main__":
    main()

#!/usr/bin/python3
"""Keeps the manual true: `tools/manual.py build/release/hone` fills the ```help blocks of docs/verbs/*.md with what the program
says, and makes the man pages docs/man/*.1 from those pages. With --check it changes nothing and fails when something is old.

The pages of docs/verbs are written by hand but for those blocks; the man pages are not.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
HELP = re.compile(r"^```help (?P<command>[a-z ]+)\n(?P<text>.*?)^```$", re.M | re.S)


def program_help(program, command):
    words = command.split()
    arguments = ["help", *words] if len(words) == 1 else [*words, "--help"]
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=True).stdout


def with_help(text, program):
    """The page with its help blocks as the program prints them now."""
    return HELP.sub(lambda block: f"```help {block['command']}\n{program_help(program, block['command'])}```", text)


# --- man pages -------------------------------------------------------------------------------------------------------------


def roff(text):
    """One line of plain text, safe for roff."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga").replace("'", "\\(aq")
    return "\\&" + text if text.startswith((".", "'")) else text


def inline(text):
    """Markdown inside a paragraph: links lose their target, code becomes bold."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    parts = re.split(r"`([^`]*)`", text)
    return "".join(f"\\fB{roff(part)}\\fR" if i % 2 else roff(part).removeprefix("\\&") for i, part in enumerate(parts))


def block(lines):
    return [".PP", ".nf", ".RS", *map(roff, lines), ".RE", ".fi"]


def help_section(text):
    """SYNOPSIS and the rest of one help text."""
    lines = text.rstrip("\n").split("\n")
    usage = [line.removeprefix("usage: ").strip() for line in lines if line.startswith("usage: ")]
    rest = [line for line in lines if not line.startswith("usage: ")]
    while rest and not rest[0]:
        rest.pop(0)
    return [".PP", *(f"\\fB{roff(line)}\\fR" for line in usage), *block(rest)]


def man_page(verb, text):
    """The man page of one page of docs/verbs."""
    body = [f'.TH "HONE\\-{verb.upper()}" "1" "" "hone" "hone manual"', ".SH NAME"]
    summary = re.search(r"\n\n[^\n]*?\.(?=\s)|\n\n(?P<none>```)", text)
    words = verb if not summary or summary["none"] else inline(" ".join(summary[0].split())).rstrip(".")
    body += [f"hone\\-{verb} \\- {words}", ".SH DESCRIPTION"]
    paragraph, code, kind = [], None, ""

    def flush():
        if paragraph:
            body.extend([".PP", inline(" ".join(paragraph))])
            paragraph.clear()

    for line in text.split("\n")[1:]:
        if code is not None and line == "```":
            body.extend(help_section("\n".join(code)) if kind.startswith("help") else block(code))
            code = None
        elif code is not None:
            code.append(line)
        elif line.startswith("```"):
            flush()
            code, kind = [], line[3:]
        elif line.startswith("## "):
            flush()
            body.append(f'.SH "{roff(line[3:].upper())}"')
        elif line.startswith("|"):
            flush()
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if not set(line) <= set("|- "):
                body.extend([".TP", inline(cells[0]), inline(", ".join(cells[1:]))])
        elif not line:
            flush()
        else:
            paragraph.append(line.strip())
    flush()
    return "\n".join(body) + "\n"


# --- all -------------------------------------------------------------------------------------------------------------------


def wanted_files(program):
    """Path to content of everything this script keeps."""
    wanted = {}
    for page in sorted((ROOT / "docs/verbs").glob("*.md")):
        text = with_help(page.read_text(encoding="utf-8"), program)
        wanted[page] = text
        wanted[ROOT / "docs/man" / f"hone-{page.stem}.1"] = man_page(page.stem, text)
    return wanted


def main():
    arguments = [word for word in sys.argv[1:] if word != "--check"]
    if len(arguments) != 1:
        sys.exit("usage: tools/manual.py [--check] PROGRAM")
    old = []
    for path, text in wanted_files(arguments[0]).items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            old.append(path.relative_to(ROOT).as_posix())
            if "--check" not in sys.argv:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    if old and "--check" in sys.argv:
        sys.exit("not what the program says: " + ", ".join(old) + "\nrun tools/manual.py PROGRAM")


if __name__ == "__main__":
    main()

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
HELP = re.compile(r"^```help (?P<command>[a-z. -]+)\n(?P<text>.*?)^```$", re.M | re.S)


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


def split_help(text):
    """Usage lines, option lines and notes of one help text; the summary and the examples are in the page."""
    head, _, rest = text.partition("\noptions:\n")
    usage = [line.removeprefix("usage: ").strip() for line in head.split("\n") if line.startswith("usage: ")]
    if not rest:
        return usage, [], head.split("\n", 1)[1].strip("\n").split("\n")
    options, _, notes = rest.partition("\n\n")
    return usage, options.strip("\n").split("\n"), notes.strip("\n").split("\n") if notes.strip() else []


def option_entries(lines):
    """`  -s, --storage URL  help` as a tagged paragraph."""
    for line in lines:
        tag, _, text = line.strip().partition("  ")
        yield from (".TP", f"\\fB{roff(tag)}\\fR", roff(text.strip()))


def help_sections(blocks):
    """OPTIONS, and below it what the program's help says further; a heading for each action when there are several."""
    body = [".SH OPTIONS"]
    for command, text in blocks:
        _, options, notes = split_help(text)
        body += [f'.SS "hone {roff(command)}"'] if len(blocks) > 1 else []
        body += [*option_entries(options), *(block(notes) if notes else [])]
    return body


def flow(text):
    """Paragraphs, headings, tables and code as they stand."""
    body, paragraph, code = [], [], None

    def flush():
        if paragraph:
            body.extend([".PP", inline(" ".join(paragraph))])
            paragraph.clear()

    for line in text.split("\n"):
        if code is not None and line == "```":
            body.extend(block(code))
            code = None
        elif code is not None:
            code.append(line)
        elif line.startswith("```"):
            flush()
            code = []
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
    return body


def man_page(verb, text):
    """The man page of one page of docs/verbs: what comes before the program's help describes, what comes after it are notes."""
    blocks = [(match["command"], match["text"]) for match in HELP.finditer(text)]
    before = text[: text.index("```help")].split("\n", 1)[1]
    after = text[[match.end() for match in HELP.finditer(text)][-1] :]
    usages = [usage for _, block_text in blocks for usage in split_help(block_text)[0]]
    summary = next(line for line in blocks[0][1].split("\n")[1:] if line and not line.startswith("usage: "))
    body = [f'.TH "HONE\\-{verb.upper()}" "1" "" "hone" "hone manual"']
    body += [".SH NAME", f"hone\\-{verb} \\- {roff(summary.rstrip('.'))}", ".SH SYNOPSIS", ".nf"]
    body += [*(f"\\fB{roff(usage)}\\fR" for usage in usages), ".fi"]
    body += [".SH DESCRIPTION", *flow(before)] if before.strip() else []
    body += [*help_sections(blocks), ".SH NOTES", *flow(after)]
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

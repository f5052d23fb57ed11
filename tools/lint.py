#!/usr/bin/python3
"""The rules of this tree that no compiler checks; `./dev lint` runs it. Prints file:line: message.

Layers come from cmake/layers.txt. One line may be excused from a rule, with the reason, by a comment on it or
on the line above: `lint: allow <rule>: <why>`.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
C_FOLDERS = ("src", "include", "cli", "tests", "examples", "bench")
FILE_LINES = 800
FUNCTION_LINES = 100

# Functions no code in src/ calls, outside the files named: (why, files that may).
NUMBERS = ("depends on the locale: use base/number.h", ("src/base/number.c",))
BUFFER = ("does not know the size of its buffer", ())
HEAP = ("not counted or failed by the fault tests: use base/memory.h", ("src/base/memory.c",))
QUIET = ("the library never prints, exits or aborts", ())
PROCESS = ("spawn instead, see base/os_*.c", ())
RANDOM = ("hidden global state: use math/random.h", ())
BANNED = {
    **dict.fromkeys("strtod strtof strtold atof atoi atol atoll scanf sscanf fscanf".split(), NUMBERS),
    **dict.fromkeys("sprintf vsprintf strcpy strcat gets strtok".split(), BUFFER),
    **dict.fromkeys("malloc calloc realloc free strdup strndup asprintf vasprintf".split(), HEAP),
    **dict.fromkeys("printf vprintf puts putchar perror exit abort _exit quick_exit".split(), QUIET),
    **dict.fromkeys("fork vfork system popen".split(), PROCESS),
    **dict.fromkeys("rand srand random srandom drand48 rand_r".split(), RANDOM),
    "setlocale": ("the host's locale is not ours", ()),
}
CALL = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(BANNED))

# Headers of the operating system, for base/os_*.c and the process runner.
OS_HEADER = re.compile(r"^(unistd|fcntl|dlfcn|spawn|signal|poll|termios|sched|pwd|dirent|sys/.*)\.h$")

FLOAT_FORMAT = re.compile(r"(?<!%)(?:%%)*%[-+ #0]*(?:\d+|\*)?(?:\.(?:\d+|\*))?L?[aAeEfFgG]")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def read_layers():
    """The transitive closure of each layer, and the library it belongs to."""
    closure, library = {}, {}
    for line in (ROOT / "cmake/layers.txt").read_text().splitlines():
        if not re.match(r"[a-z]", line):
            continue
        name, library[name], uses, _ = line.split()
        closure[name] = {name}.union(*(closure[used] for used in uses.split(",") if used != "-"))
    return closure, library


class Source:
    """One C file, as it is and with comments and strings blanked out (line numbers unchanged)."""

    def __init__(self, path):
        self.path = path
        self.name = path.relative_to(ROOT).as_posix()
        self.folder, self.layer = (self.name.split("/") + [""])[:2]
        text = path.read_text()
        self.lines = text.split("\n")
        self.strings = []  # (line, text) of each string literal

        def blank(match):
            token = match.group()
            if token[0] == '"':
                self.strings.append((text.count("\n", 0, match.start()) + 1, token))
            quote = token[0] if token[0] in "\"'" else " "
            return quote + re.sub(r"[^\n]", " ", token[1:-1]) + quote

        self.code = TOKEN.sub(blank, text).split("\n")

    def includes(self):
        for number, line in enumerate(self.lines, 1):
            match = INCLUDE.match(line)
            if match and self.code[number - 1].lstrip().startswith("#"):
                yield number, match.group(1) == "<", match.group(2)


class Lint:
    def __init__(self):
        self.closure, self.library = read_layers()
        self.findings = 0

    def report(self, source, number, rule, message):
        allowed = f"lint: allow {rule}:"
        if any(allowed in line for line in source.lines[max(0, number - 2) : number]):
            return
        print(f"{source.name}:{number}: {message} [{rule}]")
        self.findings += 1

    def includes(self, source):
        for number, system, header in source.includes():
            if ".." in header.split("/"):
                self.report(source, number, "include", f"'{header}' climbs out of its folder")
            elif source.folder in ("cli", "examples") or source.name.startswith("tests/public/"):
                self.public_include(source, number, system, header)
            elif source.folder == "src":
                self.layer_include(source, number, system, header)
            elif source.folder == "tests" and source.layer in self.closure:
                self.above(source, number, header)

    def public_include(self, source, number, system, header):
        if not system and ("/" in header or not ((source.path.parent / header).exists() or header == "support.h")):
            self.report(source, number, "include", f'"{header}": only <hone/*.h> and files of this folder here')

    def layer_include(self, source, number, system, header):
        if header.startswith("hone/"):
            lowest = {"ml.h": ("hone_ml", "hone_app"), "app.h": ("hone_app",)}.get(header[5:])
            if lowest and self.library.get(source.layer) not in lowest:
                self.report(source, number, "layer", f"{source.layer}/ is below <{header}>")
        elif system:
            os_file = source.name.startswith(("src/base/os_", "src/run/"))
            if OS_HEADER.match(header) and not os_file:
                self.report(source, number, "os", f"<{header}> belongs in base/os_*.c")
        elif "/" not in header:
            self.report(source, number, "include", f'"{header}": write it as "layer/file.h"')
        else:
            self.above(source, number, header)

    def above(self, source, number, header):
        used = header.split("/")[0]
        if used in self.closure and used not in self.closure.get(source.layer, {used}):
            allowed = ", ".join(sorted(self.closure[source.layer] - {source.layer})) or "nothing"
            self.report(source, number, "layer", f"{source.layer}/ may not use {used}/ (it may use {allowed})")

    def banned(self, source):
        for number, line in enumerate(source.code, 1):
            for match in CALL.finditer(line):
                why, where = BANNED[match.group(1)]
                if source.name not in where:
                    self.report(source, number, match.group(1), f"{match.group(1)}: {why}")
        for number, text in source.strings:
            if source.name not in NUMBERS[1] and FLOAT_FORMAT.search(text):
                if "strftime" not in source.lines[number - 1]:
                    self.report(source, number, "format", f"{text[:40]} formats a double: {NUMBERS[0]}")

    def sizes(self, source):
        if len(source.lines) - 1 > FILE_LINES:
            self.report(source, 1, "size", f"{len(source.lines) - 1} lines, at most {FILE_LINES}")
        start = None
        for number, line in enumerate(source.code, 1):
            if line.startswith("{"):
                start = number
            elif line.startswith("}") and start:
                if number - start > FUNCTION_LINES:
                    self.report(source, start, "size", f"a function of {number - start} lines, at most {FUNCTION_LINES}")
                start = None

    def documented(self, source):
        """Each declaration at file level follows a comment, or directly another declaration that has one."""
        documented, depth, continued = False, 0, False
        for number, (line, code) in enumerate(zip(source.lines, source.code), 1):
            text = code.strip()
            starts = depth == 0 and not continued and text
            if not line.strip():
                if depth == 0 and not continued:
                    documented = False
            elif depth == 0 and not continued and not text:
                documented = True
            elif starts and self.declares(text):
                if not documented and "/*" not in line and "//" not in line:
                    self.report(source, number, "documented", f"no comment before: {line.strip()[:60]}")
                documented = True
            if 'extern "' not in line and not re.match(r"^}\s*$", text):
                depth = max(0, depth + text.count("{") + text.count("(") - text.count("}") - text.count(")"))
            continued = bool(text) and not text.startswith("#") and not text.endswith((";", "}")) and depth == 0
            continued = continued and 'extern "' not in line or text.endswith("\\")

    @staticmethod
    def declares(text):
        if text.startswith("#"):
            return bool(re.match(r"#\s*define\s+(?!HONE_\w+_H\b)\w+[ (]", text))
        return bool(re.match(r"(typedef|struct|enum|union|extern\s+\w|static|[A-Z_]*\s*\w[\w ]*[\w*]\s*\()", text))

    def words(self, source):
        for number, line in enumerate(source.lines, 1):
            if re.search(r"\b(TODO|FIXME|XXX)\b", line):
                self.report(source, number, "words", "work to do belongs in docs/, with an owner")

    def run(self):
        for folder in C_FOLDERS:
            for path in sorted((ROOT / folder).rglob("*.[ch]")):
                source = Source(path)
                self.includes(source)
                self.sizes(source)
                self.words(source)
                if source.folder == "src":
                    self.banned(source)
                if source.name.startswith("include/hone/"):
                    self.documented(source)
        print(f"lint.py: {self.findings} findings")
        return 1 if self.findings else 0


if __name__ == "__main__":
    sys.exit(Lint().run())

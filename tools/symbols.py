#!/usr/bin/python3
"""Checks that each shared library exports, as its public symbols, exactly the functions its headers declare.

usage: symbols.py <include/hone> <folder of the libraries>
"""

import pathlib
import re
import subprocess
import sys

HEADERS = {"hone_ml": ["ml.h"], "hone_app": ["app.h"]}  # every other header belongs to libhone
DECLARATION = re.compile(r"^HONE_API\b[^;(]*?\b(\w+)\s*\(", re.M)


def declared(include, library):
    others = {name for names in HEADERS.values() for name in names}
    names = HEADERS.get(library) or [path.name for path in include.glob("*.h") if path.name not in others]
    text = "".join((include / name).read_text() for name in names if (include / name).exists())
    return set(DECLARATION.findall(re.sub(r"/\*.*?\*/", "", text, flags=re.S)))


def exported(library):
    """Symbols outside the private version node (see cmake/export.map.in)."""
    table = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True, check=True)
    symbols = [line.split() for line in table.stdout.splitlines()]
    return {name.split("@")[0] for _, kind, name in symbols if kind != "A" and "_PRIVATE_" not in name}


def main():
    include, folder = map(pathlib.Path, sys.argv[1:])
    wrong = 0
    for library in ("hone", "hone_ml", "hone_app"):
        wanted, found = declared(include, library), exported(folder / f"lib{library}.so")
        for name in sorted(wanted - found):
            print(f"lib{library}: {name} is declared but not exported")
        for name in sorted(found - wanted):
            print(f"lib{library}: {name} is exported but not declared in a public header")
        wrong += len(wanted ^ found)
        print(f"lib{library}: {len(found)} public symbols")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

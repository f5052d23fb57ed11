#!/usr/bin/python3
"""Writes json_values.txt beside itself: what Python's json module says of JSON texts, which tests/base compares with.

A line is `accepted text answer` or `refused text`, with %XX for blanks and bytes that do not print; the answer is what
json.dumps writes of it. Where hone is meant to differ, so is the answer: keys that come twice, halves of surrogate
pairs and \\u0000 are refused; integers beyond 64 bits and -0 are floats."""

import json
import pathlib
import random
import sys
import urllib.parse

PRINTED = "".join(chr(c) for c in range(0x21, 0x7F) if chr(c) != "%")
ALPHABET = [c.encode() for c in "{}[]\",:'\\/ue01289-+.EeNI \n\t\r\bxdD8\u00e9\u20ac\U0001f600\ufeff"] + [
    b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\0", b"\x7f", b"\\u", b"\\ud83d", b"null",
    b"NaN", b"Infinity", b"-", b"1e5", b'"a"', b"//", b"[]", b"{}"]
NUMBERS = ["0", "-0", "7", "-12", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
           "-9223372036854775809", "18446744073709551616", "123456789012345678901234567890", "0.0", "-0.0", "0.1", "2.50",
           "1e-5", "1E+05", "1e400", "-1e400", "1e-400", "5e-324", "2.2250738585072011e-308", "1.7976931348623157e308",
           "9007199254740993.0", "0.30000000000000004", "123e-2", "NaN", "Infinity", "-Infinity"]
PIECES = ["a", "key", " ", "\\n", "\\\"", "\\\\", "\\/", "\\b\\f\\r\\t", "\\u00e9", "\\u20AC", "\\ud83d\\ude00", "\u00e9",
          "\u20ac", "\U0001f600", "'", "\x7f", "]", "}", ",", ":"]
CORNERS = [
    "", " ", "\n", "nul", "nulll", "True", "nan", "-nan", "-NaN", "+1", ".5", "1.", "-", "--1", "01", "-01", "00", "0x10",
    "1e", "1e+", "1.e5", "1.5.2", "1_000", "1 2", "-Inf", "infinity", "'a'", "{'a': 1}", "{'loss': 0.5, 'epoch': 2.0}",
    "{a: 1}", "[1,]", "[,1]", "[,]", "{,}", "{\"a\":1,}", "{\"a\"}", "{\"a\":}", "{:1}", "{1:1}", "[1 2]", "[1:2]", "[", "]",
    "[}", "{]", "[[]", "[]]", "\"", "\"a", "\"\\\"", "\"\\", "\"\\u", "\"\\u12\"", "\"\\u12g4\"", "\"\\x41\"", "\"\\'\"",
    "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\ud800x\"", "\"\\udbff\\udfff\"", "\"\\uD834\\uDd1e\"",
    "\"\t\"", "\"\n\"", "\"\x1f\"", "\"\x7f\"", "\v1", "\f1", "\u00a01", "1\u2028", "/*c*/1", "1//c", "{\"a\":1,\"a\":2}",
    "{\"a\":1,\"\\u0061\":2}", "{\"\":1,\"\":2}", "{\"a\":{\"a\":1}}", "[{\"a\":1},{\"a\":2}]", "\r\n\t [ 1 ,\r\n 2 ] \n",
]


def unique(pairs):
    keys = dict(pairs)
    if len(keys) < len(pairs):
        raise ValueError("a key comes twice")
    return keys


def integer(text):
    value = int(text)
    return float(text) if text == "-0" or not -(2**63) <= value < 2**63 else value


def answer(text):
    """What json.dumps writes of the text, or None."""
    try:
        value = json.loads(text.decode("utf-8-sig"), object_pairs_hook=unique, parse_int=integer)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # halves of surrogate pairs do not encode
        written = json.dumps(value)
        return None if "\\u0000" in written.replace("\\\\", "") else written
    except ValueError:
        return None


def blank(source):
    return source.choice(["", "", "", " ", "\n", "\r\n\t"])


def literal(source):
    return '"' + "".join(source.choice(PIECES) for _ in range(source.randrange(5))) + '"'


def value(source, depth):
    kind = source.randrange(8)
    if depth == 0 or kind < 3:
        return source.choice([*NUMBERS, "null", "true", "false"])
    if kind < 5:
        return literal(source)
    members = [value(source, depth - 1) for _ in range(source.randrange(4))]
    if kind == 5:
        members = [literal(source) + blank(source) + ":" + blank(source) + member for member in members]
    opening, closing = "{}" if kind == 5 else "[]"
    inside = (blank(source) + "," + blank(source)).join(members)
    return opening + blank(source) + inside + blank(source) + closing


def mutate(source, text):
    at = source.randrange(len(text) + 1)
    return text[:at] + source.choice([b"", *ALPHABET]) + text[at + source.randrange(3):]


def main():
    source = random.Random(1)
    texts = [c.encode("utf-8", "surrogatepass") for c in CORNERS + NUMBERS]
    for _ in range(300):
        text = (blank(source) + value(source, 3) + blank(source)).encode()
        texts += [text, mutate(source, text), mutate(source, text), mutate(source, mutate(source, text))]
    lines = [f"# Python {sys.version.split()[0]}, json {json.__version__}; written by json_oracle.py\n"]
    for text in dict.fromkeys(texts):
        written = answer(text)
        quoted = urllib.parse.quote(text, safe=PRINTED)
        lines.append(f"refused {quoted}\n" if written is None else
                     f"accepted {quoted} {urllib.parse.quote(written, safe=PRINTED)}\n")
    path = pathlib.Path(__file__).with_name("json_values.txt")
    path.write_text("".join(lines), encoding="ascii")
    print(f"{path.name}: {sum(l.startswith('accepted') for l in lines)} accepted,"
          f" {sum(l.startswith('refused') for l in lines)} refused")


if __name__ == "__main__":
    main()

#!/usr/bin/python3
"""Bad and odd data through `hone fit`, `predict` and `evaluate`: a clear error, or what docs/data.md says happens."""

import json
import os
import random
import struct
import tempfile

from hone_test import hone

NAMES = ["length", "width", "colour", "kind"]


def write(name, text):
    with open(name, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    return name


def rows(n=60, seed=1):
    """Numbers that tell the kind, and a colour."""
    draw = random.Random(seed)
    for i in range(n):
        kind = i % 2
        yield [f"{draw.gauss(2 * kind, 0.5):.3f}", f"{draw.gauss(-2 * kind, 0.5):.3f}", draw.choice(["red", "blue"]), ["iris", "lily"][kind]]


def table(change=lambda i, row: row, names=NAMES, delimiter=",", n=60, seed=1):
    lines = [names, *(change(i, row) for i, row in enumerate(rows(n, seed)))]
    return "".join(delimiter.join(line) + "\n" for line in lines)


def replaced(column, value, where=lambda i: True):
    """A table whose cells of a column are value, in some rows."""
    return table(lambda i, row: [value if j == column and where(i) else cell for j, cell in enumerate(row)])


def fit(text, *options, model="x.hone"):
    write("x.csv", text)
    return hone("fit", "x.csv", "-y", "kind", "--model", "logistic", "--trials", 2, "--seed", 1, "--storage", "memory:", "-o", model, *options)


def fits(text, *options, **named):
    result = fit(text, *options, **named)
    assert result.returncode == 0, result.stderr
    return result


def refused(result, *parts, code=2):
    assert result.returncode == code, (result.returncode, result.stdout, result.stderr)
    for part in parts:
        assert part in result.stderr, (part, result.stderr)


def predict(text, model="good.hone", *options):
    write("p.csv", text)
    return hone("predict", model, "p.csv", *options)


def predicted(text, model="good.hone"):
    result = predict(text, model)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()[1:]


# --- columns that tell nothing ---------------------------------------------------------------------------------------------


def constant_columns():
    """They do no harm: the model is the one fitted without them."""
    fits(replaced(1, "7"))
    with_it = predicted(table(), "x.hone")
    fits(table(), "--drop", "width")
    assert predicted(table(), "x.hone") == with_it
    fits(replaced(2, "red"))


def empty_columns():
    result = fits(replaced(1, ""))
    assert "column width is empty" in result.stderr
    assert len(predicted(table(), "x.hone")) == 60
    refused(fit(table(lambda i, row: ["", "NA", "?", row[3]])), "no feature has a value in any of the 60 rows")


def identifiers():
    """A column that names rows is said to; the 100 most frequent values would be kept."""
    names = ["name", *NAMES]
    result = fits(table(lambda i, row: [f"user{i}", *row], names=names, n=200))
    assert "column name has 200 categories in 200 rows; if it names rows" in result.stderr and "(drop)" in result.stderr
    assert len(predicted(table(lambda i, row: [f"new{i}", *row], names=names), "x.hone")) == 60


def duplicate_names():
    refused(fit(table(names=["length", "length", "colour", "kind"])), 'columns 0 and 1 (counted from 0) are both called "length"')
    refused(predict(table(names=["length", "length", "colour", "width"])), 'are both called "length"')


# --- targets ---------------------------------------------------------------------------------------------------------------


def missing_targets():
    refused(fit(replaced(3, "", where=lambda i: i in (4, 9))), "x.csv:6: target kind is missing here (2 of 60 rows)")


def constant_targets():
    refused(fit(replaced(3, "iris")), 'target kind has one class only ("iris" in all 60 rows)')
    refused(fit(replaced(3, "2.5"), "--task", "regression"), "target kind is 2.5 in all 60 rows: there is nothing to learn")


def text_for_a_regression():
    numbers = table(lambda i, row: [*row[:3], "much" if i == 4 else row[0]])
    refused(fit(numbers), 'x.csv:6: column kind (position 3) holds numbers, but here "much" (1 of 60')
    refused(fit(table(), "--task", "regression"), 'x.csv:2: column kind (position 3) holds numbers, but here "iris"')
    result = fit(table(lambda i, row: [*row[:3], row[0] + " EUR"]), "--folds", 2)
    assert "target kind has" in result.stderr and "is it meant to be a number?" in result.stderr


def fewer_rows_of_a_class_than_folds():
    """As in scikit-learn: folds without that class, and a warning; an error when there are more folds than rows."""
    result = fits(replaced(3, "rose", where=lambda i: i < 2))
    assert "the rarest class has 2 rows, fewer than the 5 folds" in result.stderr
    refused(fit(table(n=4)), "5", "4")


# --- values ----------------------------------------------------------------------------------------------------------------


def infinite_values():
    for text in ("inf", "-Infinity", "1e999"):
        refused(fit(replaced(0, text, where=lambda i: i == 3)), f'x.csv:5: column length (position 0) holds the infinite value "{text}"')
        refused(predict(replaced(0, text, where=lambda i: i == 3)), f'p.csv:5: column length (position 0) holds the infinite value "{text}"')


def spellings_of_missing():
    """All are the same missing value."""
    expected = None
    for text in ("", "?", "NA", "N/A", "n/a", "NaN", "nan", "NAN", "-nan", "null", "NULL", "None", "<NA>", "#N/A", '""'):
        found = predicted(replaced(0, text, where=lambda i: i % 3 == 0))
        expected = expected or found
        assert found == expected, text
    refused(predict(replaced(0, "missing", where=lambda i: i == 0)), 'here "missing"', "add that spelling to missing")


def zeros():
    """-0 is 0."""
    assert predicted(replaced(0, "-0")) == predicted(replaced(0, "0")) == predicted(replaced(0, "0.000e5"))


def typing_errors():
    refused(fit(replaced(0, "1.2.3", where=lambda i: i == 7)), 'x.csv:9: column length (position 0) holds numbers, but here "1.2.3" (1 of 60')


# --- the form of the file --------------------------------------------------------------------------------------------------


def other_delimiters():
    expected = predicted(table())
    for delimiter in (";", "\t", "|"):
        assert predicted(table(delimiter=delimiter)) == expected
    write("x.yaml", "data: {train: x.csv, target: kind, delimiter: ':'}\nmodel: {type: logistic, C: 1}\nsearch: {trials: 1}\n")
    write("x.csv", table(delimiter=":"))
    result = hone("tune", "x.yaml", "--storage", "memory:")
    assert result.returncode == 0, result.stderr
    refused(fit(table(delimiter=":")), code=3)  # no column is called kind


def decimal_commas():
    text = table(lambda i, row: [row[0].replace(".", ","), *row[1:]], delimiter=";")
    refused(fit(text), "column length (position 0) holds numbers with a decimal comma", "write them with a point")


def marks_line_ends_and_quotes():
    expected = predicted(table())
    plain = table()
    quoted = "".join(",".join(f'"{cell}"' for cell in line.split(",")) + "\n" for line in plain.splitlines())
    for text in (plain.replace("\n", "\r\n"), plain.replace("\n", "\r"), "\ufeff" + plain, quoted, plain.replace("\n", "\n\n"),
                 plain.replace(",", " , "), plain.rstrip("\n")):
        assert predicted(text) == expected
    refused(fit(plain.replace("red", '"red', 1)), "a quoted field that begins here is never closed")
    refused(fit(plain.replace("red", '"r"ed', 1)), "text after the closing quote")


def ragged_rows():
    refused(fit(table() + "1,2\n"), "x.csv:62: a row of 2 fields, but line 1 has 4 (delimiter: comma)")


def only_a_header():
    refused(fit("length,width,colour,kind\n"), "x.csv: no rows: line 1, taken as the header, is all there is")
    refused(predict("length,width,colour\n"), "p.csv: no rows")
    refused(fit(""), "the file is empty")


def other_encodings():
    refused(fit(table().replace("red", "grün").encode("latin1")), "a byte that is not UTF-8", "iconv")
    refused(fit(table().encode("utf-16")), "x.csv:1: a NUL byte", "iconv -f utf-16")
    assert len(predicted(table().replace("red", "grün"))) == 60


def huge_fields():
    refused(fit(replaced(2, "x" * (1 << 20) + "x", where=lambda i: i == 2)), "x.csv:4: a field is longer than 1 MiB")
    refused(fit(",".join(["a"] * 70000) + "\n"), "more than 65536 columns")


def too_large_files():
    """The limit is named with what it is for."""
    write("x.yaml", "data: {train: x.csv, target: kind, max_bytes: 1K}\nmodel: {type: logistic, C: 1}\nsearch: {trials: 1}\n")
    write("x.csv", table())
    refused(hone("tune", "x.yaml", "--storage", "memory:"), "x.csv holds more than the 1024 bytes allowed (max_bytes), which may be raised up to 4 GiB")
    refused(fit(table(), "--max-bytes", "1000"), "x.csv holds more than the 1000 bytes allowed")
    fits(table(), "--max-bytes", "1G")


# --- prediction ------------------------------------------------------------------------------------------------------------


def unseen_categories():
    """They count as none of the known ones; of two, as the more frequent."""
    assert len(predicted(replaced(2, "green"))) == 60
    found = predicted(replaced(2, "green"))
    assert found in (predicted(replaced(2, "red")), predicted(replaced(2, "blue")))


def more_classes_than_the_model_knows():
    write("p.csv", replaced(3, "rose", where=lambda i: i == 5))
    refused(hone("evaluate", "good.hone", "p.csv"), 'p.csv: target kind has the value "rose", which is none of the 2 classes')
    assert len(predicted(replaced(3, "rose"))) == 60  # the target is not looked at
    write("p.csv", replaced(3, "iris"))
    assert "accuracy" in hone("evaluate", "good.hone", "p.csv").stdout  # fewer are no mistake


def columns_in_another_order():
    text = table(lambda i, row: [row[3], row[2], row[1], row[0]], names=NAMES[::-1])
    assert predicted(text) == predicted(table())


def columns_too_few_and_too_many():
    refused(predict(table(lambda i, row: [row[0], row[2]], names=["length", "colour"])), "p.csv lacks the column width")
    refused(predict(table(names=["length", "Width", "colour", "kind"])), "lacks the column width", "there is one called Width")
    extra = table(lambda i, row: [row[0], "1" if i % 5 else "mixed", *row[1:]], names=["length", "note", *NAMES[1:]])
    assert predicted(extra) == predicted(table())
    bare = "".join(line + "\n" for line in table().splitlines()[1:])
    refused(predict(bare), "p.csv has 4 feature columns, the model was fitted to 3; if one of them is the target, leave it out")
    assert predicted("".join(line.rsplit(",", 1)[0] + "\n" for line in bare.splitlines())) == predicted(table())


def columns_without_names():
    """A file as wide as the one of fitting has its columns where they were, the target among them."""
    bare = "".join(line + "\n" for line in table().splitlines()[1:])
    write("bare.csv", bare)
    assert hone("fit", "bare.csv", "-m", "logistic", "-y", "3", "--drop", "0", "--trials", "1", "--seed", "1", "-q", "--storage", "memory:",
                "-o", "bare.hone").returncode == 0
    whole = hone("predict", "bare.hone", "bare.csv").stdout
    write("p.csv", "".join(",".join(line.split(",")[1:3]) + "\n" for line in bare.splitlines()))
    assert len(whole.splitlines()) == 61 and hone("predict", "bare.hone", "p.csv").stdout == whole, whole
    assert "accuracy" in hone("evaluate", "bare.hone", "bare.csv").stdout
    write("p.csv", "".join(line + ",1\n" for line in bare.splitlines()))
    refused(hone("predict", "bare.hone", "p.csv"), "p.csv has 5 feature columns, the model was fitted to 2")


def columns_of_another_kind():
    refused(predict(replaced(0, "long")), 'p.csv:2: column length (position 0) holds numbers, but here "long"')
    assert len(predicted(replaced(2, "17"))) == 60  # a colour of numbers is an unseen category


# --- models and options ----------------------------------------------------------------------------------------------------


def damaged_models():
    with open("good.hone", "rb") as file:
        content = file.read()
    size = struct.unpack("<Q", content[:8])[0]
    head = json.loads(content[8 : 8 + size])

    def with_metadata(**changed):
        text = json.dumps({**head, "__metadata__": {**head["__metadata__"], **changed}}).encode()
        return struct.pack("<Q", len(text)) + text + content[8 + size :]

    write("same.hone", with_metadata())
    assert predicted(table(), "same.hone") == predicted(table())
    for cut in (0, 5, 8, 100, 8 + size, len(content) - 1):
        refused(predict(table(), write("bad.hone", content[:cut])), "bad.hone")
    refused(predict(table(), write("bad.hone", with_metadata(format="hone-model 99"))), 'bad.hone is of format "hone-model 99"; this version reads')
    refused(predict(table(), write("bad.hone", with_metadata(format="other"))), "not a hone model")
    refused(predict(table(), write("bad.hone", with_metadata(architecture="{}"))), "bad.hone", "lacks")
    refused(predict(table(), write("bad.hone", with_metadata(pipeline="[1"))), "bad.hone")
    refused(predict(table(), write("bad.hone", struct.pack("<Q", 1 << 60) + content[8:])), "bad.hone")
    refused(predict(table(), write("bad.hone", table())), "bad.hone")
    draw = random.Random(5)
    for _ in range(60):  # a byte changed anywhere: an error, or a model all the same
        at = draw.randrange(len(content))
        bad = content[:at] + bytes([draw.randrange(256)]) + content[at + 1 :]
        assert predict(table(), write("bad.hone", bad)).returncode in (0, 2)


def options_out_of_range():
    refused(fit(table(), "-p", "C: -1"), "C", "-1")
    refused(fit(table(), "-p", "C: {float: [0, 1]}"), "C")
    refused(fit(table(), "-p", "penalty: l3"), "penalty", "l3", "l2")
    refused(fit(table(), "-p", "depth: 3"), "depth")
    refused(fit(table(), "--folds", "0"), "--folds: cv must be a whole number of at least 2, found 0")
    refused(fit(table(), "--held-out", "1"), "held_out must be a share")


def main():
    tests = (constant_columns, empty_columns, identifiers, duplicate_names, missing_targets, constant_targets, text_for_a_regression,
             fewer_rows_of_a_class_than_folds, infinite_values, spellings_of_missing, zeros, typing_errors, other_delimiters,
             decimal_commas, marks_line_ends_and_quotes, ragged_rows, only_a_header, other_encodings, huge_fields, too_large_files,
             unseen_categories, more_classes_than_the_model_knows, columns_in_another_order, columns_too_few_and_too_many, columns_without_names,
             columns_of_another_kind, damaged_models, options_out_of_range)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        fits(table(), model="good.hone")
        for test in tests:
            test()
            print(f"ok {test.__name__}")
        os.chdir("/")


main()

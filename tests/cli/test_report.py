"""hone report: the page is sound HTML that refers to nothing outside, says what the other verbs say, and shows texts of users as text."""
import html.parser
import json
import os
import re
import shutil
import subprocess
import tempfile

import hone_test

VOID = {"meta", "link", "br", "img", "input", "hr"}
HOSTILE = "</title><script>alert(1)</script>\"'&<b>"


class Page(html.parser.HTMLParser):
    """Reads a page: its elements must be closed in order. Tables are lists of rows of texts, by the heading before them."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.scripts, self.tables, self.words = [], [], [], [], []
        self.heading, self.outside, self.figures = "", [], []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        assert len(values) == len(attributes), (tag, attributes)
        if tag not in VOID:
            self.open.append(tag)
        if "id" in values:
            self.ids.append(values["id"])
        for name in ("src", "href", "xlink:href", "action", "data", "srcset"):
            if name in values and not values[name].startswith("#"):
                self.outside.append(values[name])
        assert not any(name.startswith("on") for name in values), attributes
        if re.fullmatch("h[1-6]", tag):
            self.heading = ""
        elif tag == "table":
            self.tables.append((self.heading, []))
        elif tag == "tr":
            self.tables[-1][1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][1][-1].append("")
        elif tag == "svg":
            self.figures.append(values["aria-label"])
        elif tag == "script":
            self.scripts.append("")

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, (tag, self.open)

    def handle_data(self, data):
        inside = self.open[-1] if self.open else ""
        if inside == "script":
            self.scripts[-1] += data
        elif inside == "style":
            assert not re.search(r"url\((?!#)|@import", data), data
        else:
            self.words.append(data)
        if self.open and re.fullmatch("h[1-6]", inside):
            self.heading += data
        if "td" in self.open or "th" in self.open:
            self.tables[-1][1][-1][-1] += data

    def table(self, heading, titled=True):
        """The rows of the table below a heading, as maps when they have titles."""
        rows = next(rows for head, rows in self.tables if head == heading and (rows[0][0] == "#" or not titled))
        return [dict(zip(rows[0], row)) for row in rows[1:]] if titled else {row[0]: row[1] for row in rows}

    def says(self, *parts):
        text = " ".join("".join(self.words).split())
        for part in parts:
            assert part in text, (part, text[:3000])


def report(*arguments):
    """The page of a report, which must be sound."""
    text = hone_test.run("report", "-o", "-", *arguments).stdout
    assert text.startswith("<!doctype html>\n<html lang=\"en\">"), text[:100]
    assert "http:" not in text.replace("http://www.w3.org/", "") and "https:" not in text, re.search(".{80}https?:.{80}", text)
    page = Page(text)
    page.text = text
    assert len(page.ids) == len(set(page.ids)), sorted(page.ids)
    assert not page.outside, page.outside
    assert len(page.scripts) == 1 and "aria-sort" in page.scripts[0], page.scripts
    return page


def tell(study, params, values, goal="minimize loss", n=12):
    """A study whose trials have been told; values(number, params) may be "failed"."""
    entries = [word for entry in params for word in ("-p", entry)]
    hone_test.run("study", "create", study, "-g", goal, *entries, "--seed", "5", "--sampler", "random", "-q")
    asked = json.loads(hone_test.run("serve", "--stdio", input=json.dumps({"op": "ask", "study": study, "n": n}) + "\n").stdout)
    answers = []
    for trial in asked["trials"]:
        told = values(trial["trial"], trial["params"])
        what = {"state": "failed", "message": "no <memory> & more"} if told == "failed" else {"values": told}
        answers.append(json.dumps({"op": "tell", "study": study, "trial": trial["trial"], **what}))
    said = hone_test.run("serve", "--stdio", input="\n".join(answers) + "\n").stdout
    assert said.count('"ok":true') == n, said


def agrees(shown, exact):
    """A number of a table is the exact one, to five digits."""
    return shown == "" and exact is None or abs(float(shown) - exact) <= 1e-4 * abs(exact)


def check_usual():
    tell("bowl", ["x: {float: [1e-3, 10], log: true}", "kind: {choice: [a, b]}"], lambda number, params: "failed" if number == 7 else [params["x"]])
    page = report("bowl")
    best = json.loads(hone_test.run("best", "bowl", "--json").stdout)
    facts = page.table("Best trials", titled=False)
    assert facts["trial"] == str(best["trial"]) and float(facts["loss"]) == best["values"][0], facts
    assert float(facts["x"]) == best["params"]["x"] and facts["kind"] == best["params"]["kind"], facts
    trials = json.loads(hone_test.run("trials", "bowl", "--json").stdout)
    rows = page.table("Trials")
    assert len(rows) == len(trials) == 12
    for row, trial in zip(rows, trials):
        assert row["#"] == str(trial["trial"]) and row["state"] == trial["state"], (row, trial)
        assert agrees(row["loss"], trial["values"][0] if trial["state"] == "complete" else None), (row, trial)
        assert agrees(row["x"], trial["params"]["x"]) and row["kind"] == trial["params"]["kind"], (row, trial)
    page.says("11 complete, 1 failed", f"trial {best['trial']}, when", "no <memory> & more", "The seed is 5.", "--sampler random")
    first = [row["#"] for row in page.tables[[head for head, _ in page.tables].index("Best trials") + 1][1] and page.table("Best trials")]
    assert first == [str(trial["trial"]) for trial in json.loads(hone_test.run("best", "bowl", "-n", "10", "--json").stdout)], first
    without_date = [re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC</p>", "", report("bowl").text) for _ in range(2)]
    assert without_date[0] == without_date[1]
    return page


def check_plots(page):
    """Every plot has something to show, and its text is text."""
    if not page.figures:
        print("no cairo: the plots are not looked at")
        page.says("The plots are left out:")
        return
    page.says("loss of bowl by trial", "loss of bowl by each parameter", "Nothing to draw: intermediate")
    assert len(page.figures) >= 6 and "var(--c0)" in page.text
    assert page.text.count("--c0:#") == 2, "each colour has a light and a dark value"
    assert "rgb(" not in page.text and len(page.text) < 1_500_000, len(page.text)
    used, known = set(re.findall(r"var\((--c\d+)\)", page.text)), set(re.findall(r"(--c\d+):", page.text))
    assert used == known, used ^ known
    with tempfile.TemporaryDirectory() as folder:  # a library that cannot be opened is as good as none
        for name in ("libcairo.so.2", "libpango-1.0.so.0", "libpangocairo-1.0.so.0"):
            with open(os.path.join(folder, name), "wb"):
                pass
        text = hone_test.run("report", "bowl", "-o", "-", env=dict(os.environ, LD_LIBRARY_PATH=folder)).stdout
        bare = Page(text)
        assert not bare.figures and len(bare.table("Trials")) == 12
        bare.says("The plots are left out:")


def check_hostile():
    tell(HOSTILE, [HOSTILE + ": {float: [0, 1]}", 'c: {choice: ["<img src=x onerror=alert(2)>", "]]>"]}'],
         lambda number, params: [number], goal="minimize <i>loss", n=6)
    page = report(HOSTILE, "--note", "<script>alert(3)</script>\n& more", "--title", "</h1><script>")
    page.says(HOSTILE, "<img src=x onerror=alert(2)>", "<script>alert(3)</script> & more", "</h1><script>", "<i>loss")
    assert "<img" not in page.text and "<i>" not in page.text and page.text.count("<script>") == 1
    rows = page.table("Trials")
    assert len(rows) == 6 and HOSTILE in rows[0] and rows[0]["c"] in ("<img src=x onerror=alert(2)>", "]]>"), rows[0]
    code = next(line for line in page.words if line.startswith("hone study create"))
    words = subprocess.run(["sh", "-c", 'hone() { printf "%s\\0" "$@"; }; ' + code.split("--seed")[0]], capture_output=True, text=True, check=True)
    assert words.stdout.split("\0")[2] == HOSTILE, words.stdout


def check_states():
    hone_test.run("study", "create", "empty", "-g", "maximize gain", "-p", "x: {int: [1, 9]}", "-q")
    report("empty").says("The study has no trials yet", "There is nothing to draw without trials.", "No trial is complete and feasible yet.")
    tell("failed", ["x: {int: [1, 9]}"], lambda number, params: "failed", n=4)
    page = report("failed")
    page.says("Every trial failed.", "no <memory> & more", "none yet", "Nothing to draw:")
    assert page.table("Failures", titled=False)["no <memory> & more"] == "4"
    tell("single", ["x: {int: [1, 9]}"], lambda number, params: [params["x"]], n=1)
    report("single").says("1 complete")
    hone_test.run("study", "create", "running", "-p", "x: {int: [1, 9]}", "-q")
    hone_test.run("ask", "--study", "running")
    report("running").says("going on when this was written: 0 of its trials had ended", "1 running")


def check_goals():
    tell("goals", ["x: {float: [0, 1]}", "y: {float: [0, 1]}"], lambda number, params: [params["x"], params["x"] * params["y"]],
         goal="minimize loss, maximize gain", n=10)
    page = report("goals")
    front = json.loads(hone_test.run("best", "goals", "--json").stdout)
    front = [trial["trial"] for trial in (front if isinstance(front, list) else [front])]
    assert [int(row["#"]) for row in page.table("Best trials")] == front, front
    page.says("The Pareto front", f"{len(front)} trial")
    if page.figures:
        page.says("Pareto front of goals", "hypervolume of goals", "importance of the parameters of goals", "correlations in goals",
                  "gain of goals over x and y", "loss of goals: what a random forest expects")
    several = report("goals", "bowl", "--title", "Both")
    several.says("Both", "Compared")
    if page.figures:
        several.says("loss of 2 studies: the best so far")
    report("goals", "empty").says("Their first goals differ")
    compared = next(rows for head, rows in several.tables if head == "Compared")
    assert [row[0] for row in compared[1:]] == ["goals", "bowl"] and compared[2][4] != "", compared
    assert {"s1-best", "s2-best", "s1-again", "compared"} <= set(several.ids)


def many(n):
    """An export with many trials, a password where nobody should show it, and a study file."""
    distribution = {"name": "FloatDistribution", "attributes": {"step": None, "low": 0.0, "high": 1.0, "log": False}}
    trials = [{"trial": i, "state": "COMPLETE", "values": [abs((i * 37 % n) / n - 0.5)], "params": {"x": (i * 37 % n) / n},
               "start": f"2026-01-01 {i // 3600:02}:{i // 60 % 60:02}:{i % 60:02}.000000",
               "complete": f"2026-01-01 {i // 3600:02}:{i // 60 % 60:02}:{i % 60:02}.500000"} for i in range(n)]
    file = {"command": "train {x}", "space": {"x": {"float": [0, 1]}}, "learn_from": [{"storage": "postgresql://me:secret@host/db", "study": "a"}]}
    definition = {"hone": "0.1.0", "goal": ["minimize value"], "space": {"x": {"float": [0.0, 1.0]}}, "sampler": "random", "pruner": "none",
                  "seed": 11, "file": json.dumps(file)}
    return {"hone": "0.1.0", "study": "many", "directions": ["minimize"], "metrics": None, "definition": definition, "attrs": {}, "system": {},
            "distributions": {"x": distribution}, "trials": trials}


def check_many():
    n = 1000
    exported = many(n)
    for trial in exported["trials"]:
        trial["state"] = "complete"
    hone_test.run("study", "import", "-", input=json.dumps(exported))
    page = report("many")
    assert len(page.table("Trials")) == n and len(page.text) < 3_000_000, len(page.text)
    page.says("postgresql://me:***@host/db", '"seed": 11', "hone tune study.json", "The seed is 11.")
    assert "secret" not in page.text
    few = report("many", "--trials", "10")
    best = json.loads(hone_test.run("best", "many", "-n", "10", "--json").stdout)
    assert [row["#"] for row in few.table("Trials")] == [str(trial["trial"]) for trial in best]
    few.says("The best 10 of 1000 trials by value; 990 were left out")
    report("many", "--trials", "0").says("The table of 1000 trials was left out")


def check_files():
    hone_test.refuse("report", "bowl", "-o", "hone.db", code=2, says=["hone.db", "no page of HTML"])
    hone_test.run("trials", "bowl")  # the storage is as it was
    said = hone_test.run("report", "bowl").stdout
    assert said == "report.html: a report of 1 study\n", said
    hone_test.run("report", "goals", "bowl", "-q")
    with open("report.html", encoding="utf-8") as file:
        assert "Compared" in file.read()
    assert [name for name in os.listdir() if name.startswith("report")] == ["report.html"]
    hone_test.refuse("report", "bowl", "-o", "no/such/folder.html", code=4, says="no/such")
    hone_test.refuse("report", "none", code=3, says="none")
    hone_test.refuse("report", "bowl", "--trials", "-1", code=2, says="--trials")


def check_model():
    """The kept model of the best trial is shown on the study's test data, where these are still there."""
    with open(os.path.join(hone_test.SOURCE, "examples/data/iris.csv"), encoding="utf-8") as file:
        head, *rows = file.read().splitlines()
    for name, part in (("train.csv", [row for i, row in enumerate(rows) if i % 4]), ("test.csv", rows[::4])):
        with open(name, "w", encoding="utf-8") as file:
            file.write("\n".join([head, *part]) + "\n")
    with open("model.yaml", "w", encoding="utf-8") as file:
        file.write("study: tree\ngoal: maximize accuracy\nsearch: {seed: 1, trials: 4, keep_models: 1, sampler: random}\n"
                   "data: {train: train.csv, test: test.csv, target: species}\nmodel: {type: decision_tree, max_depth: {int: [1, 6]}}\n")
    hone_test.run("tune", "model.yaml", "-q")
    page = report("tree")
    if page.figures:
        page.says("who is taken for whom: species of 38 rows", "The kept model of trial")
        os.rename("test.csv", "elsewhere.csv")
        report("tree").says("confusion (cannot open")


def check_browser():
    """The script runs under the page's own policy."""
    browser = shutil.which("chromium")
    if not browser or os.environ.get("HONE_SANITIZE"):
        print("no chromium: the script is not run")
        return
    with tempfile.TemporaryDirectory() as profile:
        made = subprocess.run([browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={profile}", "--dump-dom",
                               "file://" + os.path.abspath("report.html")], capture_output=True, text=True, timeout=hone_test.PATIENCE,
                              env=dict(os.environ, HOME=profile))
    if "<main>" not in made.stdout:
        print("chromium does not run here: the script is not run", made.stderr[-500:])
        return
    assert 'class=" sorts"' in made.stdout or 'class="n sorts"' in made.stdout, made.stdout[-2000:] + made.stderr[-2000:]


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        check_plots(check_usual())
        check_hostile()
        check_states()
        check_goals()
        check_many()
        check_model()
        check_files()
        check_browser()


main()

#!/usr/bin/python3
"""hone worker: joining a study from elsewhere, draining, dead and silent workers, other versions, two drivers."""

import collections
import json
import os
import random
import signal
import sqlite3
import subprocess
import tempfile
import time

from hone_test import PATIENCE, PROGRAM, refuse, run, tier, wait_for

# Goes on from its checkpoint; while there is a file "hold" it stays after its second step.
TRAIN = """\
#!/bin/sh
step=$(cat "$HONE_CHECKPOINT_DIR/step" 2>/dev/null || echo 0)
echo $$ > pid
echo "$HONE_TRIAL $step $HONE_RESUME_STEP" >> began.txt
while [ $step -lt 3 ]; do
    while [ -e hold ] && [ $step = 2 ]; do sleep 0.05; done
    step=$((step + 1))
    echo "step=$step loss=$1"
    echo $step > "$HONE_CHECKPOINT_DIR/new" && mv "$HONE_CHECKPOINT_DIR/new" "$HONE_CHECKPOINT_DIR/step"
done
echo "loss=$1"
"""

STUDY = """\
study: s
goal: minimize loss
search: {{sampler: random, seed: 1, trials: {trials}, heartbeat: {heartbeat}, restarts: {restarts}}}
space: {{x: {{float: [-3, 3]}}}}
command: [./train.sh, "{{x}}"]
env: {{LC_ALL: C}}
"""


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def read(name):
    with open(name, encoding="utf-8") as file:
        return file.read()


def make(trials, heartbeat="60s", restarts=2):
    """A fresh study in the current folder, without trials."""
    for name in os.listdir("."):
        subprocess.run(["rm", "-rf", name], check=True)
    write("train.sh", TRAIN)
    os.chmod("train.sh", 0o755)
    write("s.yaml", STUDY.format(trials=trials, heartbeat=heartbeat, restarts=restarts))
    said = run("tune", "s.yaml", "--create").stdout
    assert said == "study s in sqlite:///hone.db\n", said
    assert not trial_list()


def trial_list():
    return json.loads(run("trials", "s", "--json").stdout)


def worker(*more, verb=("worker", "s"), name="worker"):
    """A worker in the background; what it says goes to files."""
    out = open(f"{name}.out", "a", encoding="utf-8")
    err = open(f"{name}.err", "a", encoding="utf-8")
    return subprocess.Popen([PROGRAM, *verb, "--json", *more], stdin=subprocess.DEVNULL, stdout=out, stderr=err)


def began():
    """(trial, step that its checkpoint had, step that hone named), in order."""
    if not os.path.exists("began.txt"):
        return []
    with open("began.txt", encoding="utf-8") as file:
        return [tuple(int(word or 0) for word in line.split(" ")) for line in file.read().split("\n")[:-1]]


def told(*names):
    """The trials whose end the workers saw told: number -> values, from what they wrote."""
    seen = {}
    for name in names:
        with open(f"{name}.out", encoding="utf-8") as file:
            for line in file.read().split("\n")[:-1]:
                event = json.loads(line)
                if event["event"] == "trial" and event["state"] == "complete":
                    assert event["trial"] not in seen, f"trial {event['trial']} was told twice"
                    seen[event["trial"]] = event["values"]
    return seen


def check_kept(seen):
    """Every told value is there under its number; numbers are dense, and none stands twice."""
    trials = trial_list()
    assert [trial["trial"] for trial in trials] == list(range(len(trials)))
    kept = {trial["trial"]: trial["values"] for trial in trials if trial["state"] == "complete"}
    lost = {number: values for number, values in seen.items() if kept.get(number) != values}
    assert not lost, f"told, and not there: {lost}"
    return collections.Counter(trial["state"] for trial in trials)


# --- joining ---


def works_from_another_folder():
    make(4)
    home = os.getcwd()
    with tempfile.TemporaryDirectory() as other:
        url = f"sqlite:///{home}/hone.db"
        out = run("worker", "--storage", url, "--study", "s", "--trials", "1", cwd=other).stdout
        assert "1 in " in out and "(ended by: trials)" in out, out
        assert not os.listdir(other)
        out = run("worker", url, "-j", "2", cwd=other).stdout
        assert "2 workers" in out, out
        assert "all 4 are done already" in run("worker", url, cwd=other).stdout
    assert check_kept({})["complete"] == 4
    assert sorted(number for number, _, _ in began()) == [0, 1, 2, 3]
    assert os.path.exists("hone.runs/s/trial-3/log.txt")


def says_who_ran_what():
    make(2)
    process = subprocess.Popen([PROGRAM, "worker", "s"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               env={**os.environ, "HONE_JOB": "batch 7"})
    assert process.wait(PATIENCE) == 0
    for trial in trial_list():
        assert trial["worker"] == {"host": os.uname().nodename, "pid": process.pid, "job": "batch 7"}, trial
    shown = run("study", "show", "s").stdout
    assert f"{process.pid}" in shown and "batch 7" in shown, shown
    assert f"{process.pid}" in run("trials", "s", "--workers").stdout


def refuses():
    make(2)
    for option, value in (("--trials", "0"), ("--trials", "+3"), ("--trials", "x"), ("-j", "0"), ("-t", "soon")):
        refuse("worker", "s", option, value, code=2, says=option if option != "-j" else "--workers")
    refuse("worker", "t", code=3, says="no study 't'")
    refuse("worker", "s", "--folder", "nowhere", code=2, says="nowhere")
    run("study", "create", "bare", "-g", "minimize loss", "-p", "x: {float: [0, 1]}")
    refuse("worker", "bare", code=2, says=["'bare'", "does not say what its trials run"])
    assert not trial_list()


def a_folder_that_is_not_here_is_named():
    make(2)
    home = os.getcwd()
    os.rename(home, home + "-moved")
    os.chdir(home + "-moved")
    try:
        refuse("worker", "s", code=3, says=[home, "--folder"])
        run("worker", "s", "--folder", ".")
        assert check_kept({})["complete"] == 2
    finally:
        os.rename(home + "-moved", home)
        os.chdir(home)


# --- other versions ---


def stored():
    with sqlite3.connect("hone.db") as db:
        return db.execute("SELECT definition FROM hone_studies").fetchone()[0]


def store(definition):
    with sqlite3.connect("hone.db") as db:
        db.execute("UPDATE hone_studies SET definition = ?", (json.dumps(definition),))


def newer_versions_are_said():
    make(2)
    own = json.loads(stored())
    store({**own, "hone": "9.1.0", "turbo": True})
    before = stored()
    for command in (["worker", "s"], ["tune", "s.yaml"], ["ask", "--study", "s"]):
        refuse(*command, code=2, says=["'s'", "9.1.0", "'turbo'", own["hone"]])
    assert stored() == before and not trial_list()
    file = json.loads(own["file"])
    file["search"]["warp"] = 9
    store({**own, "hone": "9.1.0", "file": json.dumps(file)})
    refuse("worker", "s", code=2, says=["9.1.0", "warp"])
    store({**own, "hone": "9.1.0"})
    assert "defined by hone 9.1.0" in run("worker", "s").stderr
    assert json.loads(stored())["hone"] == "9.1.0"
    assert check_kept({})["complete"] == 2


def studies_of_before_are_joined():
    """Whose file was kept as YAML, and that name neither version nor folder."""
    make(2)
    own = json.loads(stored())
    with open("s.yaml", encoding="utf-8") as file:
        own["file"] = file.read()
    store({key: own[key] for key in own if key not in ("hone", "folder", "restarts")})
    run("worker", "s")
    assert check_kept({})["complete"] == 2


# --- ending ---


def drains():
    """The first SIGTERM lets the running trial finish, the second ends it."""
    make(9)
    for signals, states in ((1, {"complete": 1}), (2, {"complete": 1, "failed": 1})):
        before = len(began())
        write("hold", "")
        with open("said.txt", "w", encoding="utf-8") as said:
            process = subprocess.Popen([PROGRAM, "worker", "s"], stdin=subprocess.DEVNULL, stdout=said)
        wait_for(lambda: len(began()) > before)
        process.send_signal(signal.SIGTERM)
        wait_for(lambda: "finishing the running trials" in read("said.txt"))
        if signals == 1:
            os.remove("hold")
        else:
            process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 130
        assert check_kept({}) == states, check_kept({})


def a_program_that_is_killed_while_its_worker_drains_begins_again():
    """As when a scheduler's time is over: SIGTERM to the worker, later to all that it runs."""
    make(1, restarts=1)
    for restarts in (0, 1):
        write("hold", "")
        with open("said.txt", "w", encoding="utf-8") as said:
            process = subprocess.Popen([PROGRAM, "worker", "s"], stdin=subprocess.DEVNULL, stdout=said)
        step = "hone.runs/s/trial-0/checkpoint/step"
        wait_for(lambda: len(began()) > restarts and os.path.exists(step) and read(step) == "2\n")
        process.send_signal(signal.SIGTERM)
        wait_for(lambda: "finishing the running trials" in read("said.txt"))
        os.kill(int(read("pid")), signal.SIGTERM)
        assert process.wait(PATIENCE) == 130
        trial = trial_list()[0]
        assert (trial["state"], trial.get("paused")) == (("running", True), ("failed", None))[restarts], trial
    assert [step for _, step, _ in began()] == [0, 2], began()
    assert "SIGTERM" in trial_list()[0]["message"]


# --- dead workers ---


def goes_on_where_the_dead_one_was():
    make(3)
    write("hold", "")
    dead = worker(name="dead")
    step = "hone.runs/s/trial-0/checkpoint/step"
    wait_for(lambda: os.path.exists(step) and read(step) == "2\n")
    dead.kill()
    dead.wait()
    os.remove("hold")
    assert worker(name="heir").wait(PATIENCE) == 0
    assert check_kept(told("dead", "heir")) == {"complete": 3}
    numbers = [number for number, _, _ in began()]
    assert sorted(numbers) == [0, 0, 1, 2], numbers
    assert [step for number, step, _ in began() if number == 0] == [0, 2]
    reports = trial_list()[0]["reports"]
    assert [step for step, _ in reports][-1] == 3, reports


def restarts_are_bounded():
    make(1, restarts=1)
    write("hold", "")
    for times in (1, 2):
        process = worker()
        wait_for(lambda: len(began()) == times)
        process.kill()
        process.wait()
    assert worker().wait(PATIENCE) == 0  # nobody is left: all that the study wanted has ended
    trials = trial_list()
    assert len(trials) == 1 and trials[0]["state"] == "failed", trials
    assert "worker died" in trials[0]["message"] and len(began()) == 2


def a_silent_worker_is_late():
    """It is stopped, not dead: another takes its trial over, and what it tells after all is kept, too."""
    make(1, heartbeat="0.2s")
    write("hold", "")
    silent = worker(name="silent")
    wait_for(lambda: began() and trial_list()[0].get("reports"))
    silent.send_signal(signal.SIGSTOP)
    heir = worker(name="heir")
    wait_for(lambda: len(began()) == 2)
    os.remove("hold")
    assert heir.wait(PATIENCE) == 0
    silent.send_signal(signal.SIGCONT)
    assert silent.wait(PATIENCE) == 0
    trials = trial_list()
    assert [trial["state"] for trial in trials] == ["complete", "complete"], trials
    assert trials[0]["values"] == trials[1]["values"] == told("heir")[0]
    assert [number for number, _, _ in began()] == [0, 0]
    exported = json.loads(run("study", "export", "s").stdout)
    assert exported["trials"][1]["system"]["hone:late_of"] == 0


def kills(rounds):
    """Workers are killed at random moments; what they said was told is there, and every trial comes to an end."""
    make(6 * rounds, restarts=1000)
    draw = random.Random(7)
    names = []
    for number in range(rounds):
        crew = [worker("-j", str(1 + i), name=f"w{number}-{i}") for i in range(2)]
        names += [f"w{number}-{i}" for i in range(2)]
        time.sleep(draw.uniform(0, 0.4))
        for process in crew:
            process.kill()
        for process in crew:
            process.wait()
    assert worker(name="last").wait(PATIENCE) == 0
    seen = told(*names, "last")
    states = check_kept(seen)
    assert states == {"complete": 6 * rounds}, (states, [t["message"] for t in trial_list() if "message" in t])


def two_drivers():
    make(24)
    drivers = [worker("-j", "2", verb=("tune", "s.yaml"), name=f"driver{i}") for i in range(2)]
    assert [driver.wait(PATIENCE) for driver in drivers] == [0, 0]
    seen = told("driver0", "driver1")
    assert check_kept(seen) == {"complete": 24}
    assert sorted(seen) == list(range(24))


def a_dead_driver():
    """Killed with its own trials under way, while a worker goes on: the worker ends the study."""
    make(12)
    write("hold", "")
    driver = worker("-j", "2", verb=("tune", "s.yaml"), name="driver")
    wait_for(lambda: len(began()) == 2)
    helper = worker(name="helper")
    wait_for(lambda: len(began()) == 3)
    driver.kill()
    driver.wait()
    os.remove("hold")
    assert helper.wait(PATIENCE) == 0
    assert check_kept(told("driver", "helper")) == {"complete": 12}


with tempfile.TemporaryDirectory() as folder:
    os.mkdir(os.path.join(folder, "study"))
    os.chdir(os.path.join(folder, "study"))
    works_from_another_folder()
    says_who_ran_what()
    refuses()
    a_folder_that_is_not_here_is_named()
    newer_versions_are_said()
    studies_of_before_are_joined()
    drains()
    a_program_that_is_killed_while_its_worker_drains_begins_again()
    goes_on_where_the_dead_one_was()
    restarts_are_bounded()
    a_silent_worker_is_late()
    kills(200 if tier() == "long" else 20)
    two_drivers()
    a_dead_driver()
    os.chdir(folder)

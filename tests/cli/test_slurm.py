#!/usr/bin/python3
"""hone tune --on slurm, on a cluster of two nodes with PostgreSQL: following, a node that dies, a driver that dies, Ctrl-C, what is refused."""

import json
import os
import subprocess
import tempfile

import postgres
import slurm
from hone_test import PATIENCE, PROGRAM, hone, interrupt, run, tier, wait_for

# Stays until there is a file "go"; says which program ran where.
TRAIN = """\
#!/bin/sh
echo "$HONE_TRIAL $(hostname)" >> began.txt
echo "step=1 loss=$1"
while ! [ -e go ] && [ $HONE_TRIAL -ge $2 ]; do sleep 0.05; done
echo "loss=$1"
"""

STUDY = """\
study: {study}
goal: minimize loss
search: {search}
space: {{x: {{float: [-3, 3]}}}}
command: [./train.sh, "{{x}}", "{free}"]
env: {{LC_ALL: C}}
"""

SECRET = "tr0ub4dor"


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def make(study, free=0, **search):
    """The study's file. Its trials below `free` end by themselves, the others when there is a file "go"."""
    for name in ("go", "began.txt"):
        if os.path.exists(name):
            os.remove(name)
    write("train.sh", TRAIN)
    os.chmod("train.sh", 0o755)
    search = {"sampler": "random", "seed": 1, "heartbeat": 1, **search}
    write(f"{study}.yaml", STUDY.format(study=study, free=free, search=json.dumps(search)))


def go():
    write("go", "")


class Site:
    """A cluster and a database."""

    def __init__(self, cluster, server):
        self.cluster, self.env = cluster, cluster.env
        self.url = server.schema()
        self.secret_url = server.schema(loopback=True)

    def arguments(self, study, *more, workers=4):
        return ["tune", f"{study}.yaml", "--on", "slurm", "-j", str(workers), "-s", self.url, *more]

    def driver(self, study, *more, name="driver", **options):
        out = open(f"{study}.{name}.out", "w", encoding="utf-8")
        err = open(f"{study}.{name}.err", "w", encoding="utf-8")
        return subprocess.Popen([PROGRAM, *self.arguments(study, *more, **options)], stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=self.env)

    def trials(self, study):
        return json.loads(run("trials", study, "-s", self.url, "--json").stdout)

    def running(self, study):
        """The hosts of the trials that run and have reported."""
        return [trial["worker"]["host"] for trial in self.trials(study) if trial["state"] == "running" and trial.get("reports") and not trial.get("paused")]

    def wait_for_running(self, study, n):
        wait_for(lambda: os.path.exists("began.txt") and hone("study", "show", study, "-s", self.url).returncode == 0)
        return wait_for(lambda: len(self.running(study)) == n and self.running(study))

    def tasks(self):
        return [task for task in self.cluster.tasks() if task[1] != "CG"]


def read(name):
    with open(name, encoding="utf-8") as file:
        return file.read()


def events(study, kind, name="driver"):
    return [event for event in map(json.loads, read(f"{study}.{name}.out").split("\n")[:-1]) if event.get("event") == kind]


def end(process, study, name="driver"):
    """Its exit code; what it said goes into the message of an assertion."""
    code = process.wait(PATIENCE)
    return code, read(f"{study}.{name}.out")[-2000:], read(f"{study}.{name}.err")[-2000:]


def check_kept(site, study, n):
    """As many as are wanted, numbers are dense, none stands twice, all are complete with the value of their parameter."""
    trials = site.trials(study)
    assert [trial["trial"] for trial in trials] == list(range(n)), trials
    for trial in trials:
        assert trial["state"] == "complete" and abs(trial["values"][0] - trial["params"]["x"]) < 1e-9, trial
    return trials


def a_node_dies(site):
    """Both nodes run trials; one is killed with all that runs on it. The driver saw every trial end, once."""
    make("node", free=4, trials=12)
    process = site.driver("node", "--json")
    hosts = site.wait_for_running("node", 4)
    assert sorted(hosts) == ["n1", "n1", "n2", "n2"], hosts
    site.cluster.kill_node("n1")
    site.cluster.down("n1")
    wait_for(lambda: "n1" not in site.running("node"))
    go()
    code = end(process, "node")
    assert code[0] == 0, (code, site.cluster.log())
    trials = check_kept(site, "node", 12)
    told = [(event["trial"], event["values"]) for event in events("node", "trial")]
    assert sorted(told) == [(trial["trial"], trial["values"]) for trial in trials], told
    jobs = [trial["worker"]["job"] for trial in trials]
    assert all("_" in job for job in jobs) and len({job.split("_")[0] for job in jobs}) == 1, jobs
    began = [line.split() for line in read("began.txt").splitlines()]
    again = {number for number, _ in began if [other for other, _ in began].count(number) > 1}
    assert len(again) == 2, began
    shown = run("study", "show", "node", "-s", site.url).stdout
    assert f" {jobs[0].split('_')[0]} on slurm" in shown, shown
    assert f"job {jobs[0]}" in shown and "n1 " in shown and "n2 " in shown, shown
    assert jobs[0] in run("trials", "node", "-s", site.url, "--workers").stdout
    assert not site.tasks()
    site.cluster.start_node("n1")
    wait_for(lambda: site.cluster.states() == {"n1": "idle", "n2": "idle"})


def a_driver_dies(site):
    """The same command finds the job again."""
    make("again", free=2, trials=8)
    first = site.driver("again", name="first")
    site.wait_for_running("again", 4)
    first.kill()
    first.wait()
    tasks = sorted(site.tasks())
    assert len(tasks) == 4 and {task[1] for task in tasks} == {"R"}, tasks
    second = site.driver("again", name="second")
    wait_for(lambda: "following job" in read("again.second.out") or second.poll() is not None)
    assert sorted(site.tasks()) == tasks
    go()
    code = end(second, "again", "second")
    assert code[0] == 0 and "job " + tasks[0][0].split("_")[0] in code[1] and "submitted job" not in code[1], code
    check_kept(site, "again", 8)
    assert "all 8 are done" in run(*site.arguments("again"), env=site.env).stdout


def ctrl_c_drains(site):
    """Six workers, of which four have room: the trials that run are finished, nothing else begins."""
    make("drain", trials=100)
    process = site.driver("drain", workers=6)
    site.wait_for_running("drain", 4)
    interrupt(process)
    wait_for(lambda: len(site.tasks()) == 4)
    assert process.poll() is None and len(site.running("drain")) == 4
    go()
    code = end(process, "drain")
    assert code[0] == 130 and "finish their trials" in code[1], code
    check_kept(site, "drain", 4)
    assert not site.tasks()


def ctrl_c_twice_cancels(site):
    make("cancel", trials=100)
    process = site.driver("cancel", workers=6)
    site.wait_for_running("cancel", 4)
    interrupt(process)
    wait_for(lambda: len(site.tasks()) == 4)
    interrupt(process)
    code = end(process, "cancel")
    assert code[0] == 130 and not site.tasks(), (code, site.tasks())
    assert not [trial for trial in site.trials("cancel") if trial["state"] == "complete"]


def refuse(site, study, *more, code, says, env=None, url=None):
    arguments = site.arguments(study, *more)
    if url:
        arguments[arguments.index("-s") + 1] = url
    done = run(*arguments, code=code, env=env or site.env)
    for part in says if isinstance(says, list) else [says]:
        assert part in done.stderr, (arguments, done.stderr)


def refuses(site):
    make("bad", trials=2)
    go()
    options = "--sbatch-options"
    refuse(site, "bad", options, "--array=1-3", code=2, says=["--array=1-3", "--workers"])
    refuse(site, "bad", options, "--time=1:00:00 -J mine", code=2, says="'-J'")
    refuse(site, "bad", options, "--clusters=a", code=2, says="SLURM_CLUSTERS")
    refuse(site, "bad", options, "--comment='a", code=2, says=options)
    refuse(site, "bad", options, "--export=NONE", code=2, says="~/.pgpass", url="postgresql://hone:secret@127.0.0.1:1/x")
    refuse(site, "bad", code=2, says="memory:", url="memory:")
    refuse(site, "bad", "--create", code=2, says="--create")
    refuse(site, "bad", code=3, says=["sbatch", "login node"], env={**site.env, "PATH": "/nonexistent"})
    refuse(site, "bad", options, "--partition=nope", code=2, says=["sbatch", "nvalid partition"])
    done = hone("tune", "bad.yaml", "--on", "pbs", "-s", site.url)
    assert done.returncode == 2 and "'pbs'" in done.stderr, done
    done = hone("tune", "bad.yaml", "--on", "slurm", "-s", site.url)
    assert done.returncode == 2 and "--workers" in done.stderr, done
    done = hone("tune", "bad.yaml", options, "--time=1", "-s", site.url)
    assert done.returncode == 2 and "--on slurm" in done.stderr, done
    assert not site.trials("bad") and not site.tasks()
    shown = run(*site.arguments("bad", options, "--comment='a b'", "--dry-run"), env=site.env).stdout
    assert "sbatch --parsable" in shown and "--array=1-4" in shown and "'--comment=a b' <<'END'" in shown and "worker --study 'bad'" in shown, shown
    shown = run("tune", "bad.yaml", "--on", "slurm", "-j", "4", "--dry-run", "-s", site.secret_url).stdout
    assert "HONE_WORKER_STORAGE" in shown and SECRET not in shown, shown
    run(*site.arguments("bad"), options, "--comment=\"it's fine; echo no\" --partition cpu", env=site.env)
    check_kept(site, "bad", 2)
    run(*site.arguments("bad", "--trials", "+3"), env=site.env)
    check_kept(site, "bad", 5)


def command_lines():
    """Of all processes of this machine."""
    lines = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                lines.append(file.read())
        except OSError:
            pass
    return lines


def a_password_stays_secret(site):
    """While its workers run it stands in no command line, in no script and in no log, nor when a new driver follows them."""
    make("secret", trials=2)
    environment = {**site.env, "HONE_STORAGE": site.secret_url}
    with open("secret.out", "w", encoding="utf-8") as out:
        process = subprocess.Popen([PROGRAM, "tune", "secret.yaml", "--on", "slurm", "-j", "2"], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                   env=environment)
    wait_for(lambda: os.path.exists("began.txt") and len(read("began.txt").splitlines()) == 2)
    job = site.tasks()[0][0].split("_")[0]
    texts = [site.cluster.ask("scontrol", "write", "batch_script", f"{job}_1", "-"), site.cluster.ask("scontrol", "show", "job", job), read("secret.out"),
             *(read(f"hone.runs/secret/slurm-{job}_{i}.log") for i in (1, 2))]
    assert "hone" in texts[0] and "HONE_STORAGE" in texts[0], texts[0]
    assert not [text for text in texts if SECRET in text], texts
    assert not [line for line in command_lines() if SECRET.encode() in line]
    go()
    assert process.wait(PATIENCE) == 0, read("secret.out")
    assert SECRET not in read("secret.out")


def workers_that_fail(site):
    """Their program is not there: it is said why, and no further array is submitted."""
    make("fail", trials=20)
    os.remove("train.sh")
    done = run(*site.arguments("fail", workers=2), code=1, env=site.env)
    assert "no trial has succeeded" in done.stderr and "train.sh" in done.stderr and done.stdout.count("submitted job") == 1, done


# --- the long tier ---


def nodes_die_unannounced(site, rounds):
    """Nobody tells the controller: it finds out itself. Trials end all the time, and nodes come back."""
    make("rounds", free=10**6, trials=10**6, restarts=1000)
    process = site.driver("rounds", "--json")
    for number in range(rounds):
        node = ("n1", "n2")[number % 2]
        wait_for(lambda: any(state == "R" and where == node for _, state, where in site.tasks()) or process.poll() is not None)
        assert process.poll() is None, end(process, "rounds")
        site.cluster.kill_node(node)
        wait_for(lambda: site.cluster.states().get(node, "").startswith("down"))
        site.cluster.start_node(node)
        wait_for(lambda: not site.cluster.states()[node].startswith("down"))
    interrupt(process)
    code = end(process, "rounds")
    assert code[0] == 130, (code, site.cluster.log())
    trials = site.trials("rounds")
    assert [trial["trial"] for trial in trials] == list(range(len(trials)))
    told = [(event["trial"], event["values"]) for event in events("rounds", "trial")]
    assert sorted(told) == [(trial["trial"], trial["values"]) for trial in trials if trial["state"] == "complete"]
    assert all(trial["state"] == "complete" or trial.get("paused") for trial in trials)


def the_controller_restarts(site):
    """Workers go on, and the driver asks again until somebody answers."""
    make("control", free=2, trials=6)
    process = site.driver("control")
    site.wait_for_running("control", 4)
    site.cluster.kill_controller()
    wait_for(lambda: "asking again" in read("control.driver.err"))
    site.cluster.start_controller()
    wait_for(site.tasks)
    go()
    code = end(process, "control")
    assert code[0] == 0, code
    check_kept(site, "control", 6)


def a_job_has_a_time_limit(site):
    """A minute: the worker drains before, its trial is cut off at the end and begins again in another job."""
    make("limit", free=1, trials=3)
    process = site.driver("limit", "--sbatch-options", "--time=1 --signal=B:TERM@20", workers=1)
    wait_for(lambda: "finishing the running trials" in "".join(read(f"hone.runs/limit/{name}") for name in os.listdir("hone.runs/limit")
                                                               if name.startswith("slurm-")) if os.path.isdir("hone.runs/limit") else False)
    wait_for(lambda: read("limit.driver.out").count("submitted job") == 2)
    go()
    code = end(process, "limit")
    assert code[0] == 0, code
    check_kept(site, "limit", 3)
    assert [line.split()[0] for line in read("began.txt").splitlines()] == ["0", "1", "1", "2"]


def long_tier():
    with slurm.Cluster(timeout=5) as cluster, postgres.Server(loopback=True, password=SECRET) as server, tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        site = Site(cluster, server)
        the_controller_restarts(site)
        nodes_die_unannounced(site, 6)
        a_job_has_a_time_limit(site)
        os.chdir("/")


def main():
    with slurm.Cluster() as cluster, postgres.Server(loopback=True, password=SECRET) as server, tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        site = Site(cluster, server)
        refuses(site)
        a_node_dies(site)
        a_driver_dies(site)
        ctrl_c_drains(site)
        ctrl_c_twice_cancels(site)
        a_password_stays_secret(site)
        workers_that_fail(site)
        os.chdir("/")
    if tier() == "long":
        long_tier()


main()
